"""Vectors of owner references: what goes with what, and when."""

from tests.conformance.cases.jobs import BEGUN, ENDED, PREPARED
from tests.conformance.language import Answer, Change, Create, Delete, Named, People, Vector, Write, step, vector

FLOW = step(Create("flow"))
RUN = step(Create("run", "of-flow"), flow="there", run="there")
HELD_RUN = step(Create("run", "of-flow held"), flow="there", run="there held")
LONE_RUN = step(Create("run"))
BACKUP = step(Create("job", "backup of-run"), job="there started complete", pods="succeeded owned")

VECTORS: tuple[Vector, ...] = (
    vector("a run goes with its flow", "K24", FLOW, RUN, step(People("delete flow"), flow="gone", run="gone")),
    vector(
        "a run that we keep outlives its flow, and is gone when we let it go",
        "K24",
        FLOW,
        HELD_RUN,
        step(People("delete flow"), flow="gone", run="deleting held"),
        step(Write("run", Change.LET_GO), run="gone"),
    ),
    vector(
        "a flow that is deleted with waiting does not wait for a run that does not block it",
        "K24",
        FLOW,
        HELD_RUN,
        step(People("delete flow, waiting for its runs"), flow="gone", run="deleting held"),
    ),
    vector(
        "a run of a flow that was made anew goes with the old one",
        "",
        FLOW,
        step(Delete("flow", Named.NOBODY, Named.NOBODY), flow="gone"),
        step(Create("flow"), flow="there"),
        step(Create("run", "of-flow"), run="gone", flow="there"),
    ),
    vector(
        "a backup goes with its run", "", LONE_RUN, BACKUP, step(Delete("run"), run="gone", job="gone", pods="none")
    ),
    vector(
        "a backup stays while its run is on its way out",
        "",
        step(Create("run", "held")),
        BACKUP,
        step(Delete("run"), run="deleting held", job="there started complete", pods="succeeded owned"),
        step(Write("run", Change.LET_GO), run="gone", job="gone", pods="none"),
    ),
    vector(
        "a running backup is stopped when its run is gone",
        "",
        LONE_RUN,
        step(Create("job", "backup of-run waits"), job="there started", pods="running owned"),
        step(Delete("run"), run="gone", job="gone", pods="none"),
    ),
    vector(
        "a migration belongs to nobody, and runs on when its run is gone",
        "K24",
        LONE_RUN,
        PREPARED,
        BEGUN,
        step(Delete("run"), run="gone", job="there held started edited", pods="running held owned"),
    ),
    vector(
        "a migration that was let go of goes with its run",
        "K24",
        LONE_RUN,
        PREPARED,
        BEGUN,
        ENDED,
        step(Write("pods", Change.LET_GO), pods="succeeded owned"),
        step(Write("job", Change.OWN), job="there started edited complete", pods="succeeded owned"),
        step(Delete("run"), run="gone", job="gone", pods="none"),
    ),
    vector(
        "a migration that was let go of for a run that is gone by then goes too",
        "K24",
        LONE_RUN,
        PREPARED,
        step(Delete("run"), run="gone", job="there held suspended"),
        step(Write("job", Change.OWN), job="gone", pods="none"),
    ),
    vector(
        "a Job on its way out that gets an owner is gone with our finalizer",
        "K6",
        LONE_RUN,
        PREPARED,
        step(Delete("job"), job="deleting held edited suspended"),
        step(Write("job", Change.OWN), job="gone", run="there"),
    ),
    vector(
        "an owner that is given changes nothing the second time",
        "",
        LONE_RUN,
        PREPARED,
        step(Write("job", Change.OWN), job="there edited suspended"),
        step(Write("job", Change.NOTHING), Answer.UNCHANGED, job="there edited suspended"),
    ),
)

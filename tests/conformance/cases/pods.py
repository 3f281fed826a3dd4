"""Vectors of pods: deleted, lost, kept, or left without their Job."""

from tests.conformance.cases.jobs import BEGUN, ENDED, PREPARED
from tests.conformance.language import Change, Create, Delete, Finish, People, Vector, Write, step, vector

BACKUP = step(Create("job", "backup waits"), job="there started", pods="running owned")
STUCK = step(Create("job", "migration held stuck"), job="there held started", pods="pending held owned")
FAILED = "started failed BackoffLimitExceeded"

VECTORS: tuple[Vector, ...] = (
    vector(
        "a backup whose pod is deleted has failed, and no second pod begins",
        "K7",
        BACKUP,
        step(People("delete pod"), job=f"there {FAILED}", pods="none"),
    ),
    vector(
        "a migration whose pod is deleted has failed, and what it said stays readable",
        "K7",
        PREPARED,
        BEGUN,
        step(People("delete pod"), job=f"there held edited {FAILED}", pods="failed deleting held owned"),
    ),
    vector(
        "a migration whose pod is deleted before it began has failed, and no second pod begins",
        "K7",
        STUCK,
        step(People("delete pod"), job=f"there held {FAILED}", pods="failed unstarted deleting held owned"),
    ),
    vector(
        "a migration whose running pod is deleted by force has failed, and no second pod begins",
        "K7",
        PREPARED,
        BEGUN,
        step(People("delete pod by force"), job=f"there held edited {FAILED}", pods="failed deleting held owned"),
    ),
    vector(
        "a pod that is deleted by force, with all that keeps it taken away, is made anew before it began",
        "K7",
        STUCK,
        step(People("vanish pod"), job="there held started", pods="pending held owned"),
    ),
    vector(
        "a pod that is deleted by force, with all that keeps it taken away, is made anew though it ran",
        "K7",
        PREPARED,
        BEGUN,
        step(People("vanish running pod"), job="there held started edited", pods="running held owned"),
    ),
    vector(
        "a pod that we keep is readable after its deletion, and gone when we let it go",
        "K26",
        PREPARED,
        BEGUN,
        ENDED,
        step(People("delete pod"), pods="succeeded deleting held owned"),
        step(Write("pods", Change.LET_GO), pods="none", job="there held started edited complete"),
    ),
    vector(
        "the pod of a Job that somebody called complete is gone when it is deleted and we let it go",
        "K18",
        PREPARED,
        BEGUN,
        step(People("forge"), job="there held started edited complete", pods="running held owned"),
        step(People("delete pod"), pods="failed deleting held owned"),
        step(Write("pods", Change.LET_GO), pods="none", job="there held started edited complete"),
    ),
    vector(
        "a pod that we let go of stays with its Job",
        "K26",
        PREPARED,
        BEGUN,
        ENDED,
        step(Write("pods", Change.LET_GO), pods="succeeded owned", job="there held started edited complete"),
    ),
    vector(
        "the pod of a backup goes with its Job",
        "",
        step(Create("job", "backup"), job="there started complete", pods="succeeded owned"),
        step(Delete("job"), job="gone", pods="none"),
    ),
    vector(
        "the running pod of a backup is stopped when its Job is deleted",
        "",
        BACKUP,
        step(Delete("job"), job="gone", pods="none"),
    ),
    vector(
        "the running pod of a migration is stopped when its Job is gone, and what it said stays readable",
        "K3",
        PREPARED,
        BEGUN,
        step(Delete("job"), job="deleting held started edited", pods="running held owned"),
        step(Write("job", Change.LET_GO), job="gone", pods="failed deleting held owned"),
    ),
    vector(
        "the pod of a complete migration goes last",
        "K26",
        PREPARED,
        BEGUN,
        ENDED,
        step(Delete("job"), job="deleting held started edited complete", pods="succeeded held owned"),
        step(Write("job", Change.LET_GO), job="gone", pods="succeeded deleting held owned"),
        step(Write("pods", Change.LET_GO), pods="none"),
    ),
    vector(
        "who deletes a Job and says nothing of its pods lets them run on, and belong to nobody",
        "K3",
        BACKUP,
        step(People("delete job, saying nothing of its pods"), job="gone", pods="running"),
        step(Finish(), job="gone", pods="succeeded"),
    ),
    vector(
        "a migration that was orphaned runs on, and its Job never says that it is complete",
        "K3",
        PREPARED,
        BEGUN,
        step(People("orphan job"), job="deleting held started edited", pods="running held"),
        step(Finish(), job="deleting held started edited", pods="succeeded held"),
        step(Write("job", Change.LET_GO), job="gone", pods="succeeded held"),
    ),
    vector(
        "an orphaned pod that is deleted is stopped",
        "K3",
        BACKUP,
        step(People("orphan job"), job="gone", pods="running"),
        step(People("delete pod"), pods="none"),
    ),
    vector(
        "who deletes a Job and waits for its pods stops them at once, though we keep the Job",
        "K24",
        PREPARED,
        BEGUN,
        step(
            People("delete job, waiting for its pods"),
            job="deleting held started edited",
            pods="failed deleting held owned",
        ),
    ),
    vector(
        "the time to live of a Job that we keep leaves it readable",
        "K6",
        PREPARED,
        BEGUN,
        ENDED,
        step(
            People("time to live is over"),
            job="deleting held started edited complete",
            pods="succeeded deleting held owned",
        ),
        step(Write("pods", Change.LET_GO), pods="none", job="deleting held started edited complete"),
        step(Write("job", Change.LET_GO), job="gone"),
    ),
    vector(
        "the time to live of a check takes its pod along",
        "K6",
        step(Create("job", "check"), job="there started complete", pods="succeeded owned"),
        step(People("time to live is over"), job="gone", pods="none"),
    ),
)

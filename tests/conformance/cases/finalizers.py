"""Vectors of finalizers: an object that is kept is deleted later, and what may still be done to it until then."""

from tests.conformance.language import (
    Answer,
    Change,
    Create,
    Delete,
    Named,
    People,
    Vector,
    Write,
    step,
    vector,
)

HELD_RUN = step(Create("run", "held"))
DELETED_RUN = step(Delete("run"), run="deleting held")

VECTORS: tuple[Vector, ...] = (
    vector(
        "an object that we keep outlives its deletion until we let it go",
        "K6",
        HELD_RUN,
        DELETED_RUN,
        step(Write("run", Change.LET_GO), run="gone"),
    ),
    vector("a second deletion changes nothing", "K6", HELD_RUN, DELETED_RUN, step(Delete("run"), Answer.UNCHANGED)),
    vector(
        "a deletion moves the version of finalizers",
        "K6",
        HELD_RUN,
        DELETED_RUN,
        step(Delete("run", version=Named.FIRST), Answer.CONFLICT),
    ),
    vector(
        "what was let go of in one form is not let go of in another",
        "K5",
        HELD_RUN,
        DELETED_RUN,
        step(Write("run", Change.LET_GO, version=Named.FIRST), Answer.CONFLICT, run="deleting held"),
    ),
    vector(
        "an object on its way out may still be written",
        "K6",
        HELD_RUN,
        DELETED_RUN,
        step(Write("run", Change.TOUCH, Named.NOBODY, Named.NOBODY), run="deleting held"),
    ),
    vector(
        "an object on its way out takes no new finalizer",
        "K6",
        step(Create("run", "kept-by-somebody")),
        step(Delete("run"), run="deleting"),
        step(Write("run", Change.KEEP), Answer.REFUSED, run="deleting"),
    ),
    vector(
        "an object on its way out keeps its name",
        "K6",
        HELD_RUN,
        DELETED_RUN,
        step(Create("run"), Answer.ALREADY_EXISTS),
        step(Write("run", Change.LET_GO), run="gone"),
        step(Create("run"), run="there"),
    ),
    vector(
        "who lets go of what nobody deleted keeps it",
        "K6",
        HELD_RUN,
        step(Write("run", Change.LET_GO), run="there"),
        step(Delete("run"), run="gone"),
    ),
    vector(
        "an object that is kept in time stays",
        "K6",
        step(Create("run")),
        step(Write("run", Change.KEEP), run="there held"),
        step(Delete("run"), run="deleting held"),
    ),
    vector(
        "what somebody else keeps stays when we let it go",
        "K6",
        step(Create("run", "held kept-by-somebody")),
        step(Delete("run"), run="deleting held"),
        step(Write("run", Change.LET_GO), run="deleting"),
    ),
    vector(
        "a Job on its way out is gone when somebody strips it",
        "K6",
        step(Create("job", "migration suspended held"), job="there held suspended"),
        step(Delete("job"), job="deleting held edited suspended"),
        step(People("strip job"), job="gone", pods="none"),
    ),
    vector(
        "a run that nothing keeps is gone with its deletion", "", step(Create("run")), step(Delete("run"), run="gone")
    ),
    vector(
        "a suspended Job that nothing keeps is gone with its deletion",
        "",
        step(Create("job", "migration suspended"), job="there suspended", pods="none"),
        step(Delete("job"), job="gone"),
    ),
)

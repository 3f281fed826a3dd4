"""Vectors of preconditions: a request meets the object that was seen, a newer form of it, another, or none."""

from typing import NamedTuple

from tests.conformance.language import Answer, Change, Create, Delete, Named, Vector, Write, step, vector


class Request(NamedTuple):
    """One of the operator's requests, and an object that it can be sent to."""

    words: str
    fact: str
    role: str
    traits: str
    change: Change | None
    """None for a deletion."""
    again: Change | None = None
    """What changes nothing once the change is done; None where that is the change itself."""

    def write(self, uid: Named = Named.NOW, version: Named = Named.NOW) -> Write | Delete:
        """Return the request with preconditions."""
        if self.change is None:
            return Delete(self.role, uid, version)
        return Write(self.role, self.change, uid, version)


REQUESTS = (
    Request("a replacement of a lock", "K5", "lock", "", Change.TAKE),
    Request("a report into a status", "K5", "flow", "", Change.REPORT, Change.REPORT_SAME),
    Request("a finalizer for a run", "K4", "run", "", Change.KEEP),
    Request("a release of a run", "K4", "run", "held", Change.LET_GO),
    Request("a fence on a target", "K4", "target", "", Change.FENCE),
    Request("a suspension of a Job", "K5", "job", "migration", Change.SUSPEND),
    Request("a start of a Job", "K5", "job", "migration suspended", Change.RESUME),
    Request("an image for a target", "K31", "target", "", Change.IMAGE),
    Request("a deletion of a run", "K4", "run", "", None),
    Request("a deletion of a lock", "K4", "lock", "", None),
    Request("a deletion of a Job", "K4", "job", "migration suspended", None),
)


def _exactly(request: Request) -> Vector:
    create = step(Create(request.role, request.traits))
    return vector(f"{request.words} reaches the object that was seen", request.fact, create, step(request.write()))


def _again(request: Request) -> Vector:
    again = request._replace(change=request.again or request.change)
    return vector(
        f"{request.words} changes nothing the second time",
        "",
        step(Create(request.role, request.traits)),
        step(request.write()),
        step(again.write(), Answer.UNCHANGED),
    )


def _stale(request: Request) -> Vector:
    return vector(
        f"{request.words} does not reach an object that changed since",
        request.fact,
        step(Create(request.role, request.traits)),
        step(Write(request.role, Change.TOUCH, Named.NOBODY, Named.NOBODY)),
        step(request.write(version=Named.FIRST), Answer.CONFLICT),
    )


def _another(request: Request) -> Vector:
    return vector(
        f"{request.words} does not reach another object of the same name",
        request.fact,
        step(Create(request.role, request.traits.replace("held", ""))),
        step(Delete(request.role, Named.NOBODY, Named.NOBODY)),
        step(Create(request.role, request.traits)),
        step(request.write(uid=Named.FIRST), Answer.CONFLICT),
    )


def _missing(request: Request) -> Vector:
    return vector(
        f"{request.words} does not reach what is gone",
        "K31",
        step(Create(request.role, request.traits.replace("held", ""))),
        step(Delete(request.role, Named.NOBODY, Named.NOBODY)),
        step(request.write(Named.FIRST, Named.FIRST), Answer.NOT_FOUND),
    )


VECTORS = (
    *(_exactly(request) for request in REQUESTS),
    *(_again(request) for request in REQUESTS if request.change is not None),
    *(_stale(request) for request in REQUESTS),
    *(_another(request) for request in REQUESTS),
    *(_missing(request) for request in REQUESTS),
    *(
        vector(
            f"a second {role} of the same name is not created",
            "",
            step(Create(role, traits)),
            step(Create(role, traits), Answer.ALREADY_EXISTS),
        )
        for role, traits in (("lock", ""), ("run", ""), ("job", "migration suspended"))
    ),
    vector(
        "what was deleted may be created again",
        "",
        step(Create("lock")),
        step(Delete("lock")),
        step(Create("lock"), lock="free"),
    ),
)

"""The tiny language of the vectors: what is done to a few objects of one story, and what must be seen of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class Answer(Enum):
    """What the operator understands from an answer of the API server."""

    CHANGED = auto()
    """Done, and the object's version moved, or the object is gone."""
    UNCHANGED = auto()
    """Done, and the object's version is what it was."""
    CONFLICT = auto()
    NOT_FOUND = auto()
    ALREADY_EXISTS = auto()
    REFUSED = auto()
    """Not allowed, or not valid."""


class Named(Enum):
    """Which uid or version a write is sent with."""

    NOBODY = auto()
    """None: what people do."""
    NOW = auto()
    """That of the object as it stands."""
    FIRST = auto()
    """That of the first object of this name, as it was created."""


class Change(Enum):
    """What a write makes of an object; each is sent by the operator's own request for it."""

    TAKE = "merges another holder into a lock by a replacement"
    REPORT = "replaces the status of a flow"
    REPORT_SAME = "replaces the status of a flow by what it is"
    KEEP = "adds our finalizer by a merge patch"
    LET_GO = "takes our finalizer away by a merge patch"
    OWN = "takes our finalizer away, makes the run the owner and sets a time to live, by one merge patch"
    SUSPEND = "suspends a Job by a JSON patch"
    RESUME = "un-suspends a Job by a JSON patch"
    FENCE = "writes the fence on a target by a merge patch"
    IMAGE = "applies the new image to a target, server-side, by force"
    RESTART = "applies the new image, and what its pods were restarted for"
    TOUCH = "writes something that does not matter"
    NOTHING = "writes back what is there, by a merge patch"


@dataclass(frozen=True)
class Create:
    """Create the object of a role; its traits are words that both sides understand."""

    role: str
    traits: str = ""


@dataclass(frozen=True)
class Write:
    """Change the object of a role."""

    role: str
    change: Change
    uid: Named = Named.NOW
    version: Named = Named.NOW


@dataclass(frozen=True)
class Delete:
    """Delete the object of a role, and in the background what it owns."""

    role: str
    uid: Named = Named.NOW
    version: Named = Named.NOW


@dataclass(frozen=True)
class People:
    """Do what somebody, or the time, does to the objects; named as the explorer names its troubles."""

    trouble: str


@dataclass(frozen=True)
class Finish:
    """Let the pod end that waits for it."""


Act = Create | Write | Delete | People | Finish


@dataclass(frozen=True)
class Step:
    """One act, its answer, and what is seen afterwards."""

    act: Act
    answer: Answer = Answer.CHANGED
    answer_shows: str = ""
    """What the answer itself shows of the object; empty where that is not asked."""
    then: Mapping[str, str] = field(default_factory=dict)
    """What is seen of roles when the controllers are at rest; nobody waits for them where it is empty."""


@dataclass(frozen=True)
class Vector:
    """A small story that must go the same way in the model and in reality."""

    name: str
    fact: str
    """Row of the measured facts about Kubernetes that it comes from; empty where it is plain API behaviour."""
    steps: tuple[Step, ...]


def step(act: Act, answer: Answer = Answer.CHANGED, answer_shows: str = "", **then: str) -> Step:
    """Return a step; what is seen in the end is named by role."""
    return Step(act, answer, answer_shows, then)


def vector(name: str, fact: str, *steps: Step) -> Vector:
    """Return a vector."""
    return Vector(name, fact, steps)

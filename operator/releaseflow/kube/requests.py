"""A request to the API server: what it does to which object, and how HTTP says so."""

from dataclasses import dataclass
from enum import Enum, auto

from typing_extensions import override

from releaseflow.api.v1alpha1.metadata import FIELD_MANAGER
from releaseflow.kube.resources import Resource


class Verb(Enum):
    """What a request does."""

    GET = auto()
    LIST = auto()
    WATCH = auto()
    CREATE = auto()
    REPLACE = auto()
    MERGE_PATCH = auto()
    JSON_PATCH = auto()
    APPLY = auto()
    DELETE = auto()

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self not in {Verb.GET, Verb.LIST, Verb.WATCH}

    @property
    def metric_label(self) -> str:
        """The verb as the metrics of the API server name it."""
        match self:
            case Verb.REPLACE:
                return "update"
            case Verb.MERGE_PATCH | Verb.JSON_PATCH:
                return "patch"
            case Verb.GET | Verb.LIST | Verb.WATCH | Verb.CREATE | Verb.APPLY | Verb.DELETE:
                return self.name.lower()

    @property
    def method(self) -> str:
        """The HTTP method."""
        return _HTTP[self][0]

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers: what is accepted, and what is sent."""
        content_type = _HTTP[self][1]
        return {"Accept": "application/json"} | ({"Content-Type": content_type} if content_type else {})


_HTTP = {
    Verb.GET: ("GET", ""),
    Verb.LIST: ("GET", ""),
    Verb.WATCH: ("GET", ""),
    Verb.CREATE: ("POST", "application/json"),
    Verb.REPLACE: ("PUT", "application/json"),
    Verb.MERGE_PATCH: ("PATCH", "application/merge-patch+json"),
    Verb.JSON_PATCH: ("PATCH", "application/json-patch+json"),
    Verb.APPLY: ("PATCH", "application/apply-patch+yaml"),
    Verb.DELETE: ("DELETE", "application/json"),
}


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    verb: Verb
    kind: Resource
    namespace: str
    name: str = ""

    @override
    def __str__(self) -> str:
        where = "/".join(piece for piece in (self.namespace, self.name) if piece)
        return f"{self.verb.name} {self.kind.singular} {where}"

    def path(self, subresource: str = "") -> str:
        """Path of what is asked for; a new object is sent to where all are."""
        return self.kind.path(self.namespace, "" if self.verb is Verb.CREATE else self.name, subresource)

    def query(self, **parameters: str) -> list[tuple[str, str]]:
        """Parameters of the query that are not empty; a write names our field manager."""
        manager = FIELD_MANAGER if self.verb.writes and self.verb is not Verb.DELETE else ""
        return [(key, value) for key, value in {"fieldManager": manager, **parameters}.items() if value]

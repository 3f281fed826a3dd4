"""A request of the operator: what it is about, and which counter it moves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from typing_extensions import override

from releaseflow.workloads.registry import WORKLOADS

LEADER = "releaseflow-leader"
_KINDS = {
    "releaseflows": "ReleaseFlow",
    "migrationruns": "MigrationRun",
    "jobs": "Job",
    "pods": "Pod",
    "leases": "Lease",
    "events": "Event",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "namespaces": "Namespace",
    **{workload.plural: kind for kind, workload in WORKLOADS.items()},
}


class Family(StrEnum):
    """What a request is for."""

    WRITE = "write"
    READ = "read"
    WATCH = "watch"
    LEADER = "leader"
    EVENT = "event"


@dataclass(frozen=True)
class ProxiedRequest:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    content_type: str
    target: str
    """Path and query as they were sent."""

    @cached_property
    def _pieces(self) -> tuple[str, str, str, str]:
        """Namespace, plural, name and part."""
        steps = self.path.strip("/").split("/")
        steps = steps[2:] if steps[0] == "api" else steps[3:]
        namespace = ""
        if steps[:1] == ["namespaces"] and len(steps) > 2:
            namespace, steps = steps[1], steps[2:]
        plural, name, part = (*steps, "", "", "")[:3]
        return namespace, plural, name, part

    @property
    def namespace(self) -> str:
        """Namespace of what is asked for."""
        return self._pieces[0]

    @property
    def kind(self) -> str:
        """Kind of what is asked for."""
        return _KINDS.get(self._pieces[1], self._pieces[1])

    @property
    def name(self) -> str:
        """Name of the object; that of a create is in its body."""
        return self._pieces[2] or str(self.said.get("metadata", {}).get("name", ""))

    @property
    def part(self) -> str:
        """Subresource."""
        return self._pieces[3]

    @cached_property
    def content(self) -> Any:
        """The body, whatever it is."""
        return json.loads(self.body) if self.body else {}

    @property
    def said(self) -> dict[str, Any]:
        """The body; a JSON patch is under `operations`."""
        return self.content if isinstance(self.content, dict) else {"operations": self.content}

    @property
    def expected_version(self) -> str:
        """The resourceVersion without which the write is to be refused."""
        if "operations" in self.said:
            tests = {one["path"]: one.get("value") for one in self.said["operations"] if one["op"] == "test"}
            return str(tests.get("/metadata/resourceVersion", ""))
        exactly = self.said.get("preconditions" if self.method == "DELETE" else "metadata", {})
        return str(exactly.get("resourceVersion", ""))

    @property
    def collection(self) -> str:
        """Path of the collection that the object is in."""
        return (
            self.path
            if self.method == "POST" or not self._pieces[2]
            else self.path.rpartition(f"/{self._pieces[2]}")[0]
        )

    @property
    def object_path(self) -> str:
        """Path of the object, without its subresource."""
        return f"{self.collection}/{self.name}"

    @property
    def family(self) -> Family:
        """What the request is for."""
        if self.kind == "Lease" and self.name == LEADER:
            return Family.LEADER
        if self.query.get("watch") in {"true", "1"}:
            return Family.WATCH
        if self.method == "GET":
            return Family.READ
        return Family.EVENT if self.kind == "Event" else Family.WRITE

    @override
    def __str__(self) -> str:
        where = "/".join(piece for piece in (self.kind, self.name, self.part) if piece)
        return f"{self.method} {where}"

"""Write the status where it changed, and publish what is new in it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import structlog
from cachetools import LRUCache

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.flow.observe import FlowObservation
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.observe import RunObservation
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.commands import find_ignored_commands
from releaseflow.core.run.actions import RunAction
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import EventRecord, ObjectReference
from releaseflow.reporting.metrics import Status
from releaseflow.reporting.sinks.sink import Sink, Transition
from releaseflow.version import __version__

log = structlog.get_logger()

_REMEMBERED = 1024
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUIET_FIELDS = frozenset({"uid", "resource_version", "template_hash"})


@dataclass(frozen=True)
class Reporter:
    """Writes statuses, and hands what is new in them to the sinks."""

    record: Callable[[EventRecord], None]
    sinks: Sequence[Sink] = ()
    """Each is given every status that was written, with its predecessor."""
    _unreadable: LRUCache[tuple[str, str], None] = field(default_factory=lambda: LRUCache(_REMEMBERED))

    async def report(
        self, writer: Writer, key: ReconcileRequest, observation: FlowObservation | RunObservation, status: Status
    ) -> None:
        """Write a status as this version's, then publish what is new in it."""
        parsed = observation.parsed
        status = status.model_copy(update={"operator_version": __version__})
        at = ObjectVersion(key.kind, parsed.namespace, parsed.name, parsed.uid, parsed.resource_version)
        await writer.status(at, to_dict(status))
        own = reference_to(key.kind, parsed.namespace, parsed.name, parsed.uid)
        transition = Transition(own, parsed.status, status, _targets(observation))
        for sink in self.sinks:
            sink.publish(transition)
        self._answer(own, observation, status)

    def _answer(self, own: ObjectReference, observation: FlowObservation | RunObservation, status: Status) -> None:
        """Say of each command that had no effect why it had none."""
        if not isinstance(observation, FlowObservation) or not isinstance(status, ReleaseFlowStatus):
            return
        for why in find_ignored_commands(observation.facts, status):
            self.record(EventRecord(own, Reason.COMMAND_IGNORED.value, why, warning=True))

    def unreadable(self, found: Unreadable) -> None:
        """Report, once, an object that its own model refuses: the API server's schema is another than ours."""
        if (found.uid, found.why) in self._unreadable:
            return
        self._unreadable[found.uid, found.why] = None
        log.error("object_unreadable", why=found.why)
        note = f"Cannot be read: {found.why}. See that the CRDs are those of this operator's version"
        on = reference_to(found.kind, found.namespace, found.name, found.uid)
        self.record(EventRecord(on, Reason.UNREADABLE.value, note, warning=True))


def reference_to(kind: Resource, namespace: str, name: str, uid: str) -> ObjectReference:
    """Return an object as Events refer to it."""
    return ObjectReference(kind.api_version, kind.singular, namespace, name, uid)


def _targets(observation: FlowObservation | RunObservation) -> tuple[ObjectReference, ...]:
    """Return the targets of a flow that exist."""
    if not isinstance(observation, FlowObservation):
        return ()
    namespace, targets = observation.parsed.namespace, observation.facts.targets
    return tuple(
        reference_to(Resource.of_workload(target.kind), namespace, target.name, target.uid)
        for target in targets
        if target is not ABSENT
    )


def action_facts(action: FlowAction | RunAction) -> dict[str, Any]:
    """Return an action as the fields of a log line: its name, and what is short and harmless of it."""
    facts = {
        entry.name: value
        for entry in fields(action)
        if isinstance(value := getattr(action, entry.name), str | int) and entry.name not in _QUIET_FIELDS
    }
    target = {"object": facts.pop("name")} if "name" in facts else {}
    return {"action": _WORDS.sub("_", type(action).__name__).lower(), **target, **facts}

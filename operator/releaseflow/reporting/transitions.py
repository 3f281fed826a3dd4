"""Which Events a changed status is worth."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.conditions import Condition
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.controllers.flow.observe import FlowObservation
from releaseflow.controllers.run.observe import RunObservation
from releaseflow.core.conditions import READY, RECONCILING, STALLED, condition
from releaseflow.core.facts import Absent
from releaseflow.core.reasons.table import is_warning
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import EventRecord, ObjectReference

_SILENT = frozenset({Reason.NOT_REACHED, Reason.OPENED})

Conditions = tuple[Condition, ...]


def reference_to(kind: Resource, namespace: str, name: str, uid: str) -> ObjectReference:
    """Return an object as Events refer to it."""
    return ObjectReference(kind.api_version, kind.singular, namespace, name, uid)


def transitions(
    kind: Resource, observation: FlowObservation | RunObservation, before: Conditions, after: Conditions
) -> list[EventRecord]:
    """Return the Events that a change of conditions is worth, on the object itself and on its targets."""
    read = observation.read
    own = reference_to(kind, read.namespace, read.name, read.uid)
    changed = list(_changed(before, after))
    found = [EventRecord(own, c.reason.value, c.message, warning=_is_warning(c, after)) for c in changed]
    if isinstance(observation, FlowObservation):
        ready = [(c, _is_warning(c, after)) for c in changed if c.type == READY]
        found += [
            _on_target(observation, target, c, warning=warns) for c, warns in ready for target in _uids(observation)
        ]
    return list(dict.fromkeys(found))


def _is_warning(told: Condition, after: Conditions) -> bool:
    return is_warning(told.reason) or (told.type == READY and condition(after, STALLED) is not None)


def _changed(before: Conditions, after: Conditions) -> Iterator[Condition]:
    """Yield the conditions whose reason is another now, each reason once: Ready repeats that of the closed gate."""
    told: set[Reason] = set()
    for fresh in sorted(after, key=lambda c: c.type != READY):
        old = condition(before, fresh.type)
        same = old is not None and old.reason is fresh.reason
        if same or fresh.type in {RECONCILING, STALLED} or fresh.reason in _SILENT:
            continue
        if fresh.reason not in told:
            told.add(fresh.reason)
            yield fresh


def _uids(observation: FlowObservation) -> list[tuple[str, str, str]]:
    return [(seen.kind, seen.name, seen.uid) for seen in observation.seen.targets if not isinstance(seen, Absent)]


def _on_target(
    observation: FlowObservation, target: tuple[str, str, str], ready: Condition, *, warning: bool
) -> EventRecord:
    kind, name, uid = target
    note = f"ReleaseFlow {observation.read.name}: {ready.message}"
    on = reference_to(Resource.of_workload(kind), observation.read.namespace, name, uid)
    return EventRecord(on, ready.reason.value, note, warning=warning)

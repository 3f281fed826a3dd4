"""Which Events a changed status is worth."""

from collections.abc import Iterable, Iterator

from releaseflow.api.v1alpha1.conditions import Condition
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import READY, RECONCILING, STALLED, condition
from releaseflow.core.reasons.table import is_warning
from releaseflow.reporting.events import EventRecord, ObjectReference

_SILENT = frozenset({Reason.NOT_REACHED, Reason.OPENED})

Conditions = tuple[Condition, ...]


def transitions(
    about: ObjectReference, before: Conditions, after: Conditions, targets: Iterable[ObjectReference] = ()
) -> list[EventRecord]:
    """Return the Events that a change of conditions is worth, on the object itself and, of Ready, on its targets."""
    changed = [(fresh, _is_warning(fresh, after)) for fresh in _changed(before, after)]
    found = [EventRecord(about, c.reason.value, c.message, warning=warning) for c, warning in changed]
    found += [
        EventRecord(target, c.reason.value, f"{about.kind} {about.name}: {c.message}", warning=warning)
        for c, warning in changed
        if c.type == READY
        for target in targets
    ]
    return list(dict.fromkeys(found))


def _is_warning(fresh: Condition, after: Conditions) -> bool:
    return is_warning(fresh.reason) or (fresh.type == READY and condition(after, STALLED) is not None)


def _changed(before: Conditions, after: Conditions) -> Iterator[Condition]:
    """Yield the conditions whose reason is another now, each reason once: Ready repeats that of the closed gate."""
    published: set[Reason] = set()
    for fresh in sorted(after, key=lambda c: c.type != READY):
        old = condition(before, fresh.type)
        same = old is not None and old.reason is fresh.reason
        if same or fresh.type in {RECONCILING, STALLED} or fresh.reason in _SILENT:
            continue
        if fresh.reason not in published:
            published.add(fresh.reason)
            yield fresh

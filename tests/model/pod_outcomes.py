"""How the pods of steps end, in the states that their containers would have."""

from dataclasses import replace
from functools import cache

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ContainerFacts, PodPhase
from tests.model import way_down
from tests.model.objects import PodBody
from tests.support import builders, pod_outcomes
from tests.support.pod_outcomes import Fate

FATES: dict[str, Fate] = {
    "pending": pod_outcomes.checked(1),
    "nothing pending": pod_outcomes.checked(0),
    "backed up": pod_outcomes.BACKED_UP,
    "empty database": pod_outcomes.backed_up(builders.backup_says(tables=0)),
    "backup failed": pod_outcomes.backup_failed("VolumeFull"),
    **{name: way_down.FATES[name] for name in way_down.TROUBLES},
    "migrated": pod_outcomes.MIGRATED,
    "no effect": pod_outcomes.migrated(builders.schema_says(fingerprint=builders.BEFORE, schemaVersion="shop.0001")),
    "moves data": pod_outcomes.migrated(builders.schema_says(fingerprint=builders.BEFORE, schemaVersion="shop.0001")),
    "migration failed": pod_outcomes.migration_failed(),
    "rolled back": pod_outcomes.ROLLED_BACK,
    "connection lost": pod_outcomes.CONNECTION_LOST,
    "not executed": pod_outcomes.NOT_EXECUTED,
    "as before": pod_outcomes.AS_BEFORE,
    "changed": pod_outcomes.CHANGED,
    "no report": pod_outcomes.not_answered(),
    "hooked": pod_outcomes.HOOKED,
    "hook failed": pod_outcomes.hooked(1),
}
STEP_OF = {
    "pending": StepType.CHECK,
    "nothing pending": StepType.CHECK,
    "backed up": StepType.BACKUP,
    "empty database": StepType.BACKUP,
    "backup failed": StepType.BACKUP,
    **dict.fromkeys(way_down.TROUBLES, StepType.BACKUP),
    "migrated": StepType.MIGRATE,
    "no effect": StepType.MIGRATE,
    "moves data": StepType.MIGRATE,
    "migration failed": StepType.MIGRATE,
    "rolled back": StepType.MIGRATE,
    "connection lost": StepType.MIGRATE,
    "not executed": StepType.MIGRATE,
    "as before": StepType.REPORT,
    "changed": StepType.REPORT,
    "no report": StepType.REPORT,
    "hooked": StepType.HOOK,
    "hook failed": StepType.HOOK,
}
GOOD = {
    StepType.CHECK: "pending",
    StepType.BACKUP: "backed up",
    StepType.MIGRATE: "migrated",
    StepType.REPORT: "changed",
    StepType.HOOK: "hooked",
}
"""What happens where nothing goes wrong."""
WITH_A_POINT: dict[str, Fate] = {
    "backed up": pod_outcomes.RECORDED,
    "empty database": pod_outcomes.recorded(builders.point_says(tables=0)),
    "backup failed": pod_outcomes.not_recorded("VolumeFull"),
}
"""How a backup ends that is a point in time."""
_UNCHANGED = pod_outcomes.migrated(builders.schema_says(fingerprint=builders.BEFORE, schemaVersion=""))
WITHOUT_BOOKKEEPING: dict[str, Fate] = {
    "backed up": pod_outcomes.backed_up(builders.backup_says(schemaVersion="")),
    "migrated": pod_outcomes.migrated(builders.schema_says(schemaVersion="")),
    "no effect": _UNCHANGED,
    "moves data": _UNCHANGED,
}
"""How steps end with a tool whose bookkeeping is not known: a migration that moves data alone leaves no trace."""
KILLED = "killed"
"""A pod that was deleted while it ran."""


def fate_of(pod: PodBody) -> Fate | None:
    """Return how a pod ends or has ended; None while that is open, and for one that was killed."""
    return pod.fate if isinstance(pod.fate, Fate) else FATES.get(pod.fate)


@cache
def containers_of(
    pod: PodBody,
    *,
    records_point: bool = False,
    no_bookkeeping: bool = False,
    is_executed: bool = False,
    goes_down: bool = False,
) -> tuple[ContainerFacts, ...]:
    """Return what a pod says of its containers."""
    found = _containers_of(pod, records_point=records_point, no_bookkeeping=no_bookkeeping, goes_down=goes_down)
    return tuple(pod_outcomes.executed(container) for container in found) if is_executed else found


def _containers_of(
    pod: PodBody, *, records_point: bool, no_bookkeeping: bool, goes_down: bool
) -> tuple[ContainerFacts, ...]:
    if not pod.started:
        return ()
    fate = fate_of(pod) or FATES[GOOD[pod.step]]
    if records_point and pod.step is StepType.BACKUP and not isinstance(pod.fate, Fate):
        fate = WITH_A_POINT.get(pod.fate, pod_outcomes.RECORDED)
    if no_bookkeeping and not isinstance(pod.fate, Fate):
        fate = WITHOUT_BOOKKEEPING.get(pod.fate, fate)
    if goes_down and not isinstance(pod.fate, Fate):
        fate = way_down.FATES.get(pod.fate, fate)
    if pod.phase in {PodPhase.RUNNING, PodPhase.UNKNOWN} and not pod.ended:
        return fate.running(pod.image)
    if pod.fate == KILLED:
        running = (container for container in fate.running(pod.image) if container.started)
        return tuple(replace(container, exit_code=143, message="", ended=True) for container in running)
    return fate.ended(pod.image)

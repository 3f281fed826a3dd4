"""How the pods of steps end, told as their containers would tell it."""

from dataclasses import replace
from functools import cache

from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.core.facts import ContainerSeen, PodPhase
from tests.protocol.explorer.things import PodBody
from tests.unit.core import fates, scenes
from tests.unit.core.fates import Fate

FATES: dict[str, Fate] = {
    "pending": fates.checked(1),
    "nothing pending": fates.checked(0),
    "backed up": fates.BACKED_UP,
    "empty database": fates.backed_up(dump=scenes.dump_says(tables=0)),
    "backup failed": fates.backup_failed("VolumeFull"),
    "migrated": fates.MIGRATED,
    "no effect": fates.migrated(scenes.schema_says(fingerprint=scenes.BEFORE, schemaVersion="shop.0001")),
    "migration failed": fates.migration_failed(),
}
STEP_OF = {
    "pending": StepType.CHECK,
    "nothing pending": StepType.CHECK,
    "backed up": StepType.BACKUP,
    "empty database": StepType.BACKUP,
    "backup failed": StepType.BACKUP,
    "migrated": StepType.MIGRATE,
    "no effect": StepType.MIGRATE,
    "migration failed": StepType.MIGRATE,
}
GOOD = {StepType.CHECK: "pending", StepType.BACKUP: "backed up", StepType.MIGRATE: "migrated"}
"""What happens where nothing goes wrong."""
KILLED = "killed"
"""A pod that was deleted while it ran."""


@cache
def containers_of(pod: PodBody) -> tuple[ContainerSeen, ...]:
    """Return what a pod says of its containers."""
    if not pod.started:
        return ()
    fate = FATES[pod.fate if pod.fate in FATES else GOOD[pod.step]]
    if pod.phase is PodPhase.RUNNING:
        return fate.running(pod.image)
    if pod.fate == KILLED:
        return tuple(replace(container, exit_code=143, message="") for container in fate.running(pod.image))
    return fate.ended(pod.image)

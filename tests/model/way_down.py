"""A run by hand that undoes an earlier one: what both are, and what their steps say of the schema's version."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from tests.model import interning
from tests.model.objects import RunBody, StoredObject
from tests.support import builders, pod_outcomes
from tests.support.pod_outcomes import Fate

LOWER, HIGHER = "2 applied, last: 2", "3 applied, last: 3"
TROUBLES = ("there already", "another database")
"""What the backup of a run that goes down may find."""
MIGRATION = Migration.model_validate({"tool": "Rails"})
FATES: dict[str, Fate] = {
    "backed up": pod_outcomes.backed_up(builders.backup_says(schemaVersion=HIGHER)),
    "there already": pod_outcomes.backed_up(builders.backup_says(schemaVersion=LOWER)),
    "another database": pod_outcomes.backed_up(
        builders.backup_says(schemaVersion=HIGHER, identity=builders.OTHER_IDENTITY)
    ),
    "migrated": pod_outcomes.migrated(builders.schema_says(schemaVersion=LOWER)),
    "no effect": pod_outcomes.migrated(builders.schema_says(schemaVersion=HIGHER, fingerprint=builders.BEFORE)),
    "as before": pod_outcomes.asked(builders.schema_says(schemaVersion=HIGHER, fingerprint=builders.BEFORE, tables=7)),
}
"""How steps of a run end that goes down."""


def runs() -> Iterator[StoredObject]:
    """Return the run that is over, and the one that undoes it."""
    before = SchemaStatus(version=LOWER, fingerprint=builders.BEFORE)
    over = MigrationRunStatus(
        outcome=Reason.MIGRATED, schema_before=before, database_identity=builders.IDENTITY, start_time=_START
    )
    yield _run("earlier", over)
    yield _run("undo", MigrationRunStatus(), operation="Down", down={"runName": "earlier"})


def broken_by_an_end(after: MigrationRunStatus, starts: int, migrated: str) -> str:
    """Return the promise that the end of a run breaks which goes down."""
    if after.outcome is Reason.WENT_DOWN and migrated != "ok":
        return "I1 a schema was called back where it was, and is not"
    if after.outcome in {Reason.ALREADY_DOWN, Reason.DOWN_REFUSED} and starts:
        return "R17 a run that undoes nothing has started its tool"
    return ""


def _run(name: str, status: MigrationRunStatus, **facts: object) -> StoredObject:
    spec = builders.run_spec(
        flowRef=None,
        database={"urlSecretRef": {"name": "db0", "key": "url"}},
        migration={"tool": "Rails"},
        **facts,
    )
    body = RunBody(interning.RUN_SPECS.number(spec), interning.RUN_STATUSES.number(status), queued=False)
    return StoredObject(name, f"{name}-uid", 1, body)


_START = "2026-03-01T11:00:00Z"

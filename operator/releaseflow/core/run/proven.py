"""What is recorded of a backup that counts: the dump in its place, or the point in time."""

from dataclasses import dataclass

from releaseflow.api.v1alpha1.backup import NoBackup, PointInTime
from releaseflow.api.v1alpha1.backup_status import POINT_IN_TIME, BackupStatus
from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.attempt import AttemptEnded
from releaseflow.core.run.backup_reports import agree, message_of, point_of, reports_of
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.reports import DumpReport, PointReport, ProofReport, prune_warning
from releaseflow.core.run.restore import restore_command_of
from releaseflow.core.timestamps import timestamp
from releaseflow.destinations.destination import Destination

_RECORDED = "the database answered, and the point was recorded"


@dataclass(frozen=True)
class Proven:
    """A backup that counts, and the database that it is of."""

    backup: BackupStatus
    identity: str
    schema: SchemaStatus


def proven_by(facts: RunObserved, over: AttemptEnded) -> Proven | Absent:
    """Return what an attempt has proven, if its containers agree that all went well."""
    match facts.spec.backup.member:
        case Destination() as destination:
            return _dump(facts, over, destination)
        case PointInTime():
            return _point(facts, over)
        case NoBackup():
            return ABSENT


def _dump(facts: RunObserved, over: AttemptEnded, destination: Destination) -> Proven | Absent:
    dump, proof = reports_of(over)
    if not (isinstance(dump, DumpReport) and isinstance(proof, ProofReport) and agree(dump, proof)):
        return ABSENT
    backup = BackupStatus(
        method=destination.method,
        location=destination.location(dump.path),
        size_bytes=dump.size_bytes,
        sha256=dump.sha256,
        duration_seconds=dump.duration_seconds,
        server_version=dump.server_version,
        client_version=dump.client_version,
        tables=dump.tables,
        proof=proof.proof,
        restore_command=restore_command_of(facts.spec, facts.namespace, dump.path, dump.sha256, facts.client_image),
        warning=prune_warning(message_of(over.pod, ContainerName.BACKUP)),
        completion_time=timestamp(facts.now),
    )
    return Proven(backup, dump.identity, SchemaStatus(version=dump.schema_version, fingerprint=dump.fingerprint))


def _point(facts: RunObserved, over: AttemptEnded) -> Proven | Absent:
    point = point_of(over)
    if not isinstance(point, PointReport):
        return ABSENT
    backup = BackupStatus(
        method=POINT_IN_TIME,
        server_version=point.server_version,
        client_version=point.client_version,
        tables=point.tables,
        proof=_RECORDED,
        recovery_time=point.time,
        recovery_lsn=point.lsn,
        completion_time=timestamp(facts.now),
    )
    return Proven(backup, point.identity, SchemaStatus(version=point.schema_version, fingerprint=point.fingerprint))

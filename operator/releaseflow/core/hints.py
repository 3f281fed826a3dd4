"""What a reader can do about a failure: every hint names the next command."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import FlowRef
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import Absent
from releaseflow.core.run.facts import LockSeen, RunObserved

_NAMESPACE = "{namespace}"
_WHAT: dict[Reason, str] = {
    Reason.IMAGE_PULL_FAILED: "Check the image's name and the pull secret",
    Reason.CONFIG_MISSING: "Create the missing Secret, ConfigMap or key, or correct spec.database.urlSecretRef",
    Reason.USER_REFUSED: "Write a numeric user other than 0 into the image, or runAsUser into the target's container",
    Reason.UNSCHEDULABLE: f"Free or add room: {commands.SHOW_NODES}",
    Reason.QUOTA_EXCEEDED: f"Raise the quota: {commands.describe_quotas(_NAMESPACE)}",
    Reason.POD_REFUSED: "Let the image run under the namespace's Pod Security level: a numeric non-root user",
    Reason.VOLUME_NOT_BOUND: f"Let the claim bind: {commands.describe_claims(_NAMESPACE)}",
    Reason.VOLUME_NOT_ATTACHED: "Free the volume from the node that holds it, or use a ReadWriteMany claim",
    Reason.CHECK_FAILED: "Run the check by hand, or set migration.check.policy to Never",
    Reason.BACKUP_FAILED: "Read the log of the dump",
    Reason.CONNECTION_FAILED: "See that the database answers at the address in the Secret",
    Reason.AUTHENTICATION_FAILED: "Correct the user or the password in the Secret",
    Reason.DATABASE_NOT_FOUND: "Correct the database's name in the Secret, or create the database",
    Reason.DATABASE_CHANGED: "The Secret's value changed during the run",
    Reason.VOLUME_FULL: "Make room on the volume or enlarge it, or lower backup.retain",
    Reason.BACKUP_UNVERIFIED: "The file did not read back as it was written: check the volume's storage",
    Reason.BACKUP_TOO_SMALL: "See that the Secret names the right database, or lower backup.minimumSizeBytes",
    Reason.CLIENT_TOO_OLD: "Set database.client.image to an image with the server's major version or newer",
    Reason.SESSIONS_ALIVE: "An earlier migration still works in the database: wait, or end its sessions",
    Reason.MIGRATION_FAILED: "The old version keeps serving. Repair the migration",
    Reason.DEADLINE_EXCEEDED: "The old version keeps serving. See what it waited for, or raise deadlineSeconds",
    Reason.OUT_OF_MEMORY: "The old version keeps serving. Raise limits.memory of migration or of database.client",
    Reason.INTERRUPTED: "The old version keeps serving. See what the migration left in the database",
    Reason.NO_EFFECT: "The image migrated another database than the Secret names: see how it finds its database",
    Reason.OUTCOME_UNKNOWN: "See in the database how far the migration came",
    Reason.OUTCOME_UNVERIFIED: "See in the database whether the migration is complete",
    Reason.DATABASE_UNKNOWN: "See what the failed migration left in the database, and repair or restore it",
    Reason.NAME_TAKEN: "Delete or rename it",
    Reason.JOB_ALTERED: f"See who changes Jobs: {commands.SHOW_WEBHOOKS}",
    Reason.TARGET_NOT_FOUND: "Create the workload, or name the right one",
    Reason.CONTAINER_NOT_FOUND: "Name one of the workload's containers",
    Reason.LOCK_KEY_MISMATCH: "Give all flows on this database the same database.lockKey",
}
_GO_ON = f"Look at the events: {commands.show_events(_NAMESPACE)}"


def hint(reason: Reason, seen: RunObserved) -> str:
    """Return what to do about a reason, and the command that lets the release go on."""
    return f"{remedy(reason, seen.namespace)}. {go_on(seen)}"


def remedy(reason: Reason, namespace: str) -> str:
    """Return what to do about a reason."""
    return _WHAT.get(reason, _GO_ON).format(namespace=namespace)


def empty_database(seen: RunObserved) -> str:
    """Say what to do about a database without tables: the very next run accepts it."""
    flow = seen.spec.flow_ref
    accept = "create another MigrationRun with spec.acceptEmptyDatabase: true"
    if isinstance(flow, FlowRef):
        accept = commands.retry(seen.namespace, flow.name)
    return (
        f"the database has no tables, and an earlier backup of it had tables{_perhaps_of_another(seen.lock)}. "
        "If the Secret names another database than it should, or the tables are lost, correct or restore that first. "
        f"Then, or if the database is new on purpose: {accept}"
    )


def _perhaps_of_another(lock: LockSeen | Absent) -> str:
    """Say so where nobody knows whether that was in this namespace, or in one of its name that was deleted since."""
    known = isinstance(lock, LockSeen) and lock.namespace_uid and lock.tables_namespace_uid
    return "" if known else " (perhaps in a namespace of this name that was deleted since)"


def go_on(seen: RunObserved) -> str:
    """Return the command that starts another run."""
    flow = seen.spec.flow_ref
    if isinstance(flow, FlowRef):
        return f"Then: {commands.retry(seen.namespace, flow.name)}"
    return "Then create another MigrationRun with spec.acceptUnknownDatabase: true"

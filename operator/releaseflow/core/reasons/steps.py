"""Reasons of steps that failed: the database did not answer, a check or backup failed, a migration went wrong."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import SERVES, Row, Section, Severity
from releaseflow.engines.registry import CLIENTS

_ENDED_BY = ", ".join(f"`{client.session.ended_by}` in {name}" for name, client in CLIENTS.items())

DATABASE = Section(
    "The database",
    "trouble-steps.md",
    {
        Reason.CONNECTION_FAILED: Row(
            "The database cannot be reached.",
            "See that the server runs, that host and port in the Secret are right, and that NetworkPolicies let the"
            " step reach it",
            Severity.WARNING,
            retry=True,
        ),
        Reason.AUTHENTICATION_FAILED: Row(
            "The database refuses the user or the password.",
            "Correct the user or the password in the Secret",
            retry=True,
        ),
        Reason.DATABASE_NOT_FOUND: Row(
            "The server has no database of that name.",
            "Correct the database's name in the Secret, or create the database",
            retry=True,
        ),
        Reason.DATABASE_EMPTY: Row(
            "The database has no tables, although a proven backup of it had some.",
            "See that the Secret names the right database; restore it if it was lost. If it is new on purpose, the next"
            " run accepts it",
            retry=True,
        ),
        Reason.DATABASE_CHANGED: Row(
            "The database is another one than the one that was backed up.",
            "See who changed the Secret during the run",
            retry=True,
        ),
        Reason.LOCK_KEY_MISMATCH: Row(
            "Two lock keys of this namespace lead to the same database.",
            "Give all flows on this database the same `database.lockKey`",
            retry=True,
        ),
    },
)

CHECK_AND_BACKUP = Section(
    "Check and backup",
    "trouble-steps.md",
    {
        Reason.CHECK_FAILED: Row(
            "The check could not be carried out.",
            "Run the check by hand, or set `migration.check.policy` to Never",
            retry=True,
        ),
        Reason.BACKUP_FAILED: Row(
            "The backup program failed.",
            "Read the end of its log in `status.failure`, and repair the cause",
            retry=True,
        ),
        Reason.BACKUP_UNVERIFIED: Row(
            "The backup could not be read back whole. Nothing was migrated.",
            "Check the storage of the volume",
            retry=True,
        ),
        Reason.BACKUP_EXPIRED: Row(
            "The backup grew older than `spec.backup.maximumAgeSeconds` before the migration could start, and so did"
            " each that was taken in its place. Nothing was migrated.",
            "See what holds the migration back, or raise `backup.maximumAgeSeconds`",
            retry=True,
        ),
        Reason.BACKUP_TOO_SMALL: Row(
            "The backup is smaller than `spec.backup.minimumSizeBytes`.",
            "See that the Secret names the right database, or lower `backup.minimumSizeBytes`",
            retry=True,
        ),
        Reason.VOLUME_FULL: Row(
            "The backup volume is full.",
            "Enlarge the volume or free room on it, or lower `backup.retain`",
            retry=True,
        ),
        Reason.CLIENT_TOO_OLD: Row(
            "The client is older than the database server, so it cannot back it up.",
            "Set `database.client.image` to an image with the server's major version or newer",
            retry=True,
        ),
        Reason.SESSIONS_ALIVE: Row(
            "Sessions of an earlier step are still at work in the database.",
            f"Wait for the sessions of the earlier migration to end, or end them with {_ENDED_BY}",
            retry=True,
        ),
    },
)

MIGRATION = Section(
    "The migration",
    "trouble-steps.md",
    {
        Reason.MIGRATION_FAILED: Row(
            "The migration ended with an error.",
            f"{SERVES}Read the end of its log in `status.failure`, and release an image with a repaired migration",
            retry=True,
        ),
        Reason.DEADLINE_EXCEEDED: Row(
            "The step took longer than its `deadlineSeconds`.",
            f"{SERVES}See what the step waited for, or raise `deadlineSeconds`",
            retry=True,
        ),
        Reason.OUT_OF_MEMORY: Row(
            "The step's container was ended because it used more memory than it may.",
            f"{SERVES}Raise `limits.memory` of `migration` or of `database.client`",
            retry=True,
        ),
        Reason.INTERRUPTED: Row(
            "The migration was started and then ended from outside: its effect is unknown.",
            f"{SERVES}See what the migration left in the database, and repair or restore it",
            retry=True,
        ),
        Reason.NODE_LOST: Row(
            "The node of the step's pod does not answer: what the pod does is unknown.",
            f"If the machine is known to be off: `{commands.TAINT_LOST_NODE}`",
            Severity.WARNING,
        ),
        Reason.NO_EFFECT: Row(
            "The migration succeeded, but this database did not change.",
            "The image migrated another database than the Secret names: see how the application finds its database",
            retry=True,
        ),
        Reason.STILL_PENDING: Row(
            "The migration succeeded and changed no schema, and the check says that something is still pending.",
            "See whether the command migrates what the check asks for, in the database that the Secret names",
            retry=True,
        ),
        Reason.OUTCOME_UNKNOWN: Row(
            "The migration's Job is missing, is being deleted, was replaced or was suspended by somebody; or the"
            " connection over which it was executed in a running container was lost; or, with `runIn: Startup`, the"
            " target's pods were changed, or do not say how it ended.",
            "See in the database how far the migration came, and repair or restore it if needed",
            retry=True,
        ),
        Reason.OUTCOME_UNVERIFIED: Row(
            "The Job says that it succeeded, but there is no second proof of it.",
            "See in the database whether the migration is complete",
            retry=True,
        ),
        Reason.DATABASE_UNKNOWN: Row(
            "An earlier migration of this database failed, or its outcome is unknown.",
            "See what the failed migration left in the database, and repair or restore it",
            retry=True,
        ),
    },
)

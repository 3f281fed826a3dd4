"""What the reasons of a failed step or release mean, and what to do about each."""

from collections.abc import Mapping

from releaseflow.api import commands
from releaseflow.api.v1alpha1.meanings import MEANINGS_OF_PROGRESS, NOTHING, Meaning
from releaseflow.api.v1alpha1.reasons import Reason

MEANINGS_OF_FAILURE: Mapping[Reason, Meaning] = {
    # A step went wrong
    Reason.CHECK_FAILED: Meaning(
        "The check step could not be carried out.",
        "Read the end of its log in `status.failure`.",
    ),
    Reason.BACKUP_FAILED: Meaning(
        "The backup program failed.",
        "Read the end of its log in `status.failure`, repair the cause, then retry.",
    ),
    Reason.CONNECTION_FAILED: Meaning(
        "The database cannot be reached.",
        "Check host and port in the URL, NetworkPolicies, and that the server runs; then retry.",
    ),
    Reason.AUTHENTICATION_FAILED: Meaning(
        "The database refuses the user or the password.",
        "Correct the URL in the Secret, then retry.",
    ),
    Reason.DATABASE_NOT_FOUND: Meaning(
        "The server has no database of the URL's name.",
        "Create it or correct the URL in the Secret, then retry.",
    ),
    Reason.DATABASE_EMPTY: Meaning(
        "The database has no tables, although a proven backup of it had some.",
        "Check that the URL names the right database; restore it if it was lost. Then, or if it is new on purpose,"
        " retry: that one run accepts an empty database.",
    ),
    Reason.DATABASE_CHANGED: Meaning(
        "The database is another one than the one that was backed up.",
        "Check the URL in the Secret, then retry.",
    ),
    Reason.VOLUME_FULL: Meaning(
        "The backup volume is full.",
        "Enlarge the claim or lower `spec.backup.retain`, then retry.",
    ),
    Reason.BACKUP_UNVERIFIED: Meaning(
        "The backup could not be read back whole.",
        "Check the volume, then retry: nothing was migrated.",
    ),
    Reason.BACKUP_TOO_SMALL: Meaning(
        "The backup is smaller than `spec.backup.minimumSizeBytes`.",
        "Check that the URL names the right database, or lower the bound; then retry.",
    ),
    Reason.CLIENT_TOO_OLD: Meaning(
        "The client is older than the database server, so it cannot back it up.",
        "Set `spec.database.client.image` to an image with the server's major version, then retry.",
    ),
    Reason.SESSIONS_ALIVE: Meaning(
        "Sessions of an earlier step are still at work in the database.",
        "Wait for them to end, or end them with `pg_terminate_backend`; then retry.",
    ),
    Reason.MIGRATION_FAILED: Meaning(
        "The migration ended with an error. The old version keeps serving.",
        "Read the end of its log in `status.failure`, repair the image, release it and retry.",
    ),
    Reason.DEADLINE_EXCEEDED: Meaning(
        "The step took longer than its `deadlineSeconds`.",
        "See what held it up, raise `deadlineSeconds`, then retry.",
    ),
    Reason.OUT_OF_MEMORY: Meaning(
        "The step's container was ended because it used more memory than it may.",
        "Raise `resources.limits.memory` of `spec.migration` or `spec.database.client`, then retry.",
    ),
    Reason.INTERRUPTED: Meaning(
        "The migration was started and then ended from outside: its effect is unknown.",
        "Look at the schema, repair or restore it, then retry.",
    ),
    Reason.NOT_STARTED: Meaning(
        "The migration was given up before it started: the database is as it was.",
        "Remove what kept its pod from starting, then retry.",
    ),
    Reason.NODE_LOST: Meaning(
        "The node of the step's pod is gone, and nobody knows what its pod does.",
        f"If the machine is really off: `{commands.TAINT_LOST_NODE}`.",
    ),
    Reason.NO_EFFECT: Meaning(
        "The migration succeeded, but this database did not change.",
        "See which database the application really migrates: its settings must use DATABASE_URL; then retry.",
    ),
    Reason.OUTCOME_UNKNOWN: Meaning(
        "The migration's Job is missing, is being deleted, was replaced or was suspended by somebody.",
        "Look at the schema and repair or restore it if needed, then retry.",
    ),
    Reason.OUTCOME_UNVERIFIED: Meaning(
        "The Job says that it succeeded, but there is no second proof of it.",
        "Look at the schema, then retry.",
    ),
    Reason.NAME_TAKEN: Meaning(
        "An object of somebody else has the name that the operator needs.",
        "Delete or rename the object that the message names, then retry.",
    ),
    Reason.JOB_ALTERED: Meaning(
        "An admission webhook, or somebody else, changed the migration's Job so that Kubernetes might repeat its pod.",
        "Keep webhooks off objects with the label `releaseflow.dev/managed`, then retry.",
    ),
    Reason.LOCK_KEY_MISMATCH: Meaning(
        "Two lock keys of this namespace lead to the same database.",
        "Give all flows of this database the same `spec.database.lockKey`, then retry.",
    ),
    Reason.DATABASE_UNKNOWN: Meaning(
        "An earlier migration of this database failed, or its outcome is unknown.",
        "Look at the schema and repair or restore it if needed, then retry.",
    ),
    # A release went wrong, or somebody interfered
    Reason.RUN_FAILED: Meaning(
        "The release's MigrationRun failed.",
        "Read the condition and `status.failure` of the run, repair the cause, then retry.",
    ),
    Reason.SUPERSEDED: Meaning(
        "A newer image was asked for before this one was migrated or promoted.",
        NOTHING,
    ),
    Reason.ABORTED: Meaning(
        "A person ended the release.",
        "Retry to release again.",
    ),
    Reason.FLOW_DELETED: Meaning(
        "The flow was deleted; what had not been started is not started any more.",
        NOTHING,
    ),
    Reason.RUN_DELETED: Meaning(
        "The run was deleted; what had not been started is not started any more.",
        NOTHING,
    ),
    Reason.SCHEMA_AHEAD: Meaning(
        "The image is older than a Breaking migration that succeeded since.",
        "Release a newer image, or approve this one if it can work on the schema.",
    ),
    Reason.TARGET_REPLACED: Meaning(
        "The workload was deleted and made again during the release.",
        "Check that it is the right one, then retry.",
    ),
    Reason.TARGET_TAKEN: Meaning(
        "Another flow releases the same workload.",
        "Remove the target from one of the two flows, then retry.",
    ),
    Reason.IMAGE_CHANGED_OUTSIDE: Meaning(
        "Somebody else changed the image of a target after it was promoted.",
        "Put it back by the command in the message, or retry; then let one of the two manage the image.",
    ),
    Reason.GATE_BYPASSED: Meaning(
        "A target runs the image, but was not promoted by this release.",
        f"See who changed it (`{commands.show_field_managers('NAMESPACE', 'NAME')}`), then retry.",
    ),
    Reason.UNREADABLE: Meaning(
        "The operator cannot read the object: the CRDs are those of another version. Nothing is done for it.",
        f"Bring the CRDs and the operator to one version: `{commands.INSTALL}`, or `helm upgrade`.",
    ),
    Reason.STATUS_LOST: Meaning(
        "The status is empty, although this flow has released before (it was restored or copied).",
        "Check that the flow belongs to these targets, then retry.",
    ),
    Reason.IMAGE_DRIFT: Meaning(
        "The pods run another image than the one that migrated: the tag was moved.",
        "Release a digest (`NAME@sha256:...`) or a tag that never moves.",
    ),
    Reason.ROLLOUT_FAILED: Meaning(
        "The promoted image does not come up.",
        f"See why: `{commands.describe_deployment('NAMESPACE', 'NAME')}` and"
        f" `{commands.show_deployment_log('NAMESPACE', 'NAME')}`;"
        " then release a repaired image.",
    ),
    Reason.ROLLED_BACK: Meaning(
        "The promoted image did not come up, and the image before was put back.",
        "Release a repaired image, or retry to promote this one again.",
    ),
    Reason.PROMOTION_REFUSED: Meaning(
        "The API server refuses the new image of a target.",
        "Read the message, repair what it names, then retry.",
    ),
}
"""Reasons of steps and releases that went wrong. "Retry" is the annotation releaseflow.dev/retry."""

MEANINGS: Mapping[Reason, Meaning] = {**MEANINGS_OF_PROGRESS, **MEANINGS_OF_FAILURE}
"""Every reason, in words."""

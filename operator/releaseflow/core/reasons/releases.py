"""Reasons of releases that ended otherwise than asked for, and of what somebody else did meanwhile."""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import Row, Section, Severity

HOOKS = Section(
    "Hooks",
    "trouble-hooks.md",
    {
        Reason.HOOK_FAILED: Row(
            "A hook of the flow failed, or it is not known how it ended. It is not run again by itself.",
            "Read the end of its log in `status.failure`, and repair the image or the hook in `spec.hooks`",
            retry=True,
        ),
        Reason.HOOK_FAILURE_ALLOWED: Row(
            "A hook failed, and its `onFailure: Continue` lets the release go on.",
            "Read its log; the message names the hook and its Job",
            Severity.WARNING,
        ),
    },
)

CONTRACT = Section(
    "The contract",
    "trouble-hooks.md",
    {
        Reason.OLD_PODS_ALIVE: Row(
            "The contract waits: a target has not rolled out whole, or a pod of it has another image than the release.",
            "See which pods the message names, and why they are still there",
        ),
        Reason.CONTRACT_FAILED: Row(
            "The contract failed. The release is good and serves; the state of the database is that of the run.",
            "Read `status.failure` of the run. The next release waits until you retry",
            Severity.WARNING,
        ),
    },
)

ROLLOUT = Section(
    "The rollout",
    "trouble-releases.md",
    {
        Reason.ROLLOUT_FAILED: Row(
            "The promoted image does not come up.",
            "See why by the commands in the message; then release a repaired image",
        ),
        Reason.ROLLED_BACK: Row(
            "The promoted image did not come up, and the image before was put back.",
            "Release a repaired image, or retry to promote this one again",
        ),
        Reason.PROMOTION_REFUSED: Row(
            "The API server refuses the new image of a target.",
            "Repair what the message names; it is tried again",
            Severity.WARNING,
        ),
        Reason.IMAGE_DRIFT: Row(
            "The pods run another image than the one that migrated: the tag was moved. With `migration.image` the two"
            " are not compared.",
            "Release a digest (`NAME@sha256:...`) or a tag that never moves",
        ),
    },
)

INTERFERENCE = Section(
    "Somebody interfered",
    "trouble-releases.md",
    {
        Reason.IMAGE_CHANGED_OUTSIDE: Row(
            "Somebody else changed the image of a target after it was promoted.",
            "Put it back by the command in the message, or retry; then let one of the two manage the image",
        ),
        Reason.GATE_BYPASSED: Row(
            "A target runs an image that no release let through: its gate was passed by.",
            "The message names who changed it: let one of the two manage the image",
            retry=True,
        ),
        Reason.IMAGE_INVALID: Row(
            "With `mode: Follow` or `Gate`: a target has an image from which no release can begin, since it is no"
            " image, has no whole digest, or has no tag for the `$(TAG)` of `migration.image`; or, with `Gate`, asks"
            " for several images at once.",
            "Put an image into the target that the message asks for",
        ),
        Reason.TARGET_REPLACED: Row(
            "The workload was deleted and made again during the release.",
            "Check that it is the right one",
            retry=True,
        ),
        Reason.TARGET_TAKEN: Row(
            "Another flow releases the same workload.",
            "Remove the target from one of the two flows",
            retry=True,
        ),
        Reason.NAME_TAKEN: Row(
            "An object of somebody else has the name that the operator needs.",
            "Delete or rename the object",
            retry=True,
        ),
        Reason.JOB_ALTERED: Row(
            "An admission webhook, or somebody else, changed the migration's Job so that Kubernetes might repeat its"
            " pod.",
            "Keep webhooks off objects with the label `releaseflow.dev/managed`. See who changes Jobs:"
            f" `{commands.SHOW_WEBHOOKS}`",
            retry=True,
        ),
        Reason.STATUS_LOST: Row(
            "The status is empty, although this flow has released before (it was restored or copied).",
            "Check that the flow belongs to these targets",
            retry=True,
        ),
        Reason.UNREADABLE: Row(
            "The operator cannot read the object: the CRDs are those of another version. Nothing is done for it.",
            f"Bring the CRDs and the operator to one version: `{commands.INSTALL}`, or `helm upgrade`",
        ),
    },
)

ENDED = Section(
    "The release ended",
    "trouble-releases.md",
    {
        Reason.SCHEMA_AHEAD: Row(
            "The image is older than a Breaking migration that succeeded since.",
            "Release a newer image, or approve this one if it can work on the schema",
        ),
        Reason.RUN_FAILED: Row(
            "The release's MigrationRun failed.",
            "Read the condition and `status.failure` of the run, and repair the cause",
            retry=True,
        ),
        Reason.SUPERSEDED: Row("Another image or database was named before this one was migrated or promoted."),
        Reason.ABORTED: Row("A person ended the release.", "Retry to release again"),
        Reason.FLOW_DELETED: Row("The flow was deleted; what had not been started is not started any more."),
        Reason.RUN_DELETED: Row("The run was deleted; what had not been started is not started any more."),
    },
)

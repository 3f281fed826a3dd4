"""Reasons of a migration that runs as the pods of a target start."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import Row, Section, Severity

STARTUP = Section(
    "The migration at startup",
    "trouble-startup.md",
    {
        Reason.STARTUP_UNSAFE: Row(
            "With `runIn: Startup` the migration would start in more than one pod at once, or nothing would say when it"
            " is over.",
            "Change the target as the message says, or set `spec.migration.runIn` to Job",
            Severity.WARNING,
        ),
        Reason.STARTUP_FAILED: Row(
            "With `runIn: Startup`: the pods of the target did not come up, and their migration is not known to have"
            " succeeded. Kubernetes starts it again by itself.",
            "Nothing serves where the target has the strategy Recreate. Read the end of its log in `status.failure`,"
            " and release an image with a repaired migration",
            retry=True,
        ),
    },
)

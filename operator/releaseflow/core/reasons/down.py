"""Reasons of a run that takes the schema back to a version that an earlier run recorded."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import Row, Section, Severity

DOWN = Section(
    "The way down",
    "trouble-down.md",
    {
        Reason.FLOW_NOT_SUSPENDED: Row(
            "A flow of the same database is not suspended: while a Down takes the schema back it could release again.",
            "Suspend the flow by the command in the message; the Down goes on by itself",
            Severity.WARNING,
        ),
        Reason.DOWN_REFUSED: Row(
            "There is no way down to what the named run recorded. Nothing was undone.",
            "Name a run of this database and tool that recorded a lower version, or restore its backup",
        ),
        Reason.VERSION_MISMATCH: Row(
            "The tool said that it went down, and the database is not at the version that the earlier run recorded.",
            "See in the database how far it came: the image has to be the one with the scripts that lead down",
        ),
    },
)

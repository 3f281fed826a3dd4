"""The table of reasons, whole, and what statuses, Events and pages take from it."""

from collections.abc import Mapping
from types import MappingProxyType

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.down import DOWN
from releaseflow.core.reasons.gate import GATE
from releaseflow.core.reasons.progress import PROGRESS, STARTS, WAITS
from releaseflow.core.reasons.releases import CONTRACT, ENDED, HOOKS, INTERFERENCE, ROLLOUT
from releaseflow.core.reasons.row import Row, Section, Severity, fill_in
from releaseflow.core.reasons.startup import STARTUP
from releaseflow.core.reasons.steps import CHECK_AND_BACKUP, DATABASE, MIGRATION

SECTIONS = (
    *(WAITS, STARTS, DATABASE, CHECK_AND_BACKUP, MIGRATION, STARTUP, DOWN, HOOKS, GATE),
    *(ROLLOUT, CONTRACT, INTERFERENCE, ENDED),
)
"""The sections of the manual on what goes wrong, in its order."""
ROWS: Mapping[Reason, Row] = MappingProxyType(
    {**PROGRESS, **{reason: row for section in SECTIONS for reason, row in section.rows.items()}}
)
"""Every reason."""


def remedy(reason: Reason, *, serves: bool = True, **known: str) -> str:
    """Return what to do about a reason, as a status says it: plain text, with what is known in its commands.

    Args:
        reason: Why, as one word.
        serves: Whether the version before goes on to serve.
        known: What is filled into the commands: `namespace`, `job`, `pod`.
    """
    return fill_in(ROWS[reason].remedy, serves=serves, **known).replace("`", "")


def is_warning(reason: Reason) -> bool:
    """Whether an Event of this reason is a warning even while the work goes on: a person may have to help."""
    return ROWS[reason].severity is Severity.WARNING


def section_of(reason: Reason) -> Section | None:
    """Return the section of the manual that explains a reason; None where there is nothing to do but to watch."""
    return next((section for section in SECTIONS if reason in section.rows), None)

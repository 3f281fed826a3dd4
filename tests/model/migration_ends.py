"""What a migration does to the database by the way it ends, and what may be said of it after one that failed."""

from releaseflow.api.v1alpha1.database import LeftBehind
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from tests.model.objects import PodBody
from tests.model.pod_outcomes import KILLED
from tests.model.state import Truth
from tests.support.pod_outcomes import Fate

OUTCOMES = {
    "migrated": "ok",
    "migration failed": "failed",
    "rolled back": "failed",
    "no effect": "failed",
    "moves data": "ok",
    KILLED: "failed",
    "connection lost": "",
    "not executed": "",
}
"""What is really so of the database after a migration."""
HALF_WAY = {"migration failed", KILLED}
"""How a migration ends that has changed a part of the database."""


def with_effect(truth: Truth, pod: PodBody, *, is_executed: bool = False) -> Truth:
    """Return what is true once the containers of a migration have ended; one that is executed elsewhere may go on."""
    if pod.fate == "not executed":
        return truth._replace(starts=truth.starts - 1)
    if is_executed and pod.fate == KILLED:
        return truth
    return truth._replace(migrated=_outcome(pod), changed=pod.fate in HALF_WAY)


def broken_by_a_finding(status: MigrationRunStatus, truth: Truth) -> str:
    """Return the promise that a run breaks by what it says of its database; empty where it breaks none."""
    at_work = truth.starts > 0 and not truth.migrated
    if status.database_state is LeftBehind.CLEAN and (truth.changed or at_work):
        return "R16 a database was called clean that a failed migration changed, or is still at work in"
    return ""


def _outcome(pod: PodBody) -> str:
    if isinstance(pod.fate, Fate):
        return "ok" if pod.fate.well else "failed"
    return OUTCOMES[pod.fate]

"""The gates of a Down: what an earlier run recorded is where the schema goes back to, and nothing else.

The version is read from that run's status, never typed by a person, and recorded before anything is started: the
earlier run may be deleted meanwhile. That it was of the same database is seen by the lock's key at once, and by the
database's own identity once the backup has asked for it.
"""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.down import Down, DownTarget
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.gates import GateResult
from releaseflow.core.reasons.table import remedy
from releaseflow.core.redaction import one_line
from releaseflow.core.run.actions import RunAction
from releaseflow.core.run.facts import EarlierRun, RunObserved
from releaseflow.core.run.record import Finished, RunResult, fail_run
from releaseflow.core.tools import way_down

FLOWS_POLL_SECONDS = 3.0
"""Seconds after which the flows of the database are read again: no event of theirs leads to the run."""
_SHOWN = 80
"""Characters of the bookkeeping that are shown."""


def version_is_found(facts: RunObserved) -> RunResult:
    """Take over what the earlier run recorded, or refuse a run that recorded nothing to go back to."""
    if facts.status.down is not None:
        return GateResult(Opened(message=f"The earlier run found {_shown(facts.status.down.version)}"), facts.status)
    earlier = facts.earlier
    why = _why_not(facts, earlier)
    if earlier is ABSENT or why:
        return _refuse(facts, why)
    found = DownTarget(run_uid=earlier.uid, version=earlier.version, database_identity=earlier.identity)
    message = f"The earlier run found {_shown(earlier.version)}"
    return GateResult(Opened(message=message), facts.status.model_copy(update={"down": found}))


def flows_are_suspended(facts: RunObserved) -> RunResult:
    """Wait until each flow of the database is suspended: who takes a schema back says so first.

    It is asked until the run has the lock: a flow that is resumed later waits for the lock itself.
    """
    if facts.lock is not ABSENT and facts.lock.holder_uid == facts.uid:
        return GateResult(Opened(), facts.status)
    awake = next((flow for flow in facts.flows_of_database if not flow.suspended), ABSENT)
    if awake is ABSENT:
        return GateResult(Opened(), facts.status)
    message = (
        f"ReleaseFlow {awake.name} uses this database and is not suspended. Its image goes on serving while the schema"
        f" goes back, so stop it, or see that it can: {commands.suspend_flow(facts.namespace, awake.name)}"
    )
    waiting: Waiting[RunAction] = Waiting(Reason.FLOW_NOT_SUSPENDED, message, requeue_after=FLOWS_POLL_SECONDS)
    return GateResult(waiting, facts.status)


def down_is_needed(facts: RunObserved) -> RunResult:
    """Finish where the database is there already; refuse to go up."""
    target, before = facts.status.down, facts.status.schema_before
    if target is None or before is None:
        return _refuse(facts, "the backup did not say which version the database is at")
    if before.version == target.version:
        message = f"The database is at {_shown(target.version)} already: nothing is undone"
        return GateResult(Finished(Reason.ALREADY_DOWN, message), facts.status)
    way = way_down(facts.spec.migration)
    if way is not ABSENT and way.numbered:
        here, there = way.version_of(before.version), way.version_of(target.version)
        if not here or int(here) <= int(there):
            return _refuse(
                facts,
                f"the database is at {_shown(before.version)}, and no way from there leads down to"
                f" {_shown(target.version)}",
            )
    message = f"The schema goes from {_shown(before.version)} down to {_shown(target.version)}"
    return GateResult(Opened(message=message), facts.status)


def another_database(facts: RunObserved, identity: str) -> Failure | Absent:
    """Return why the database that was backed up is not the one of the earlier run, for a Down."""
    target = facts.status.down
    if target is None or target.database_identity == identity:
        return ABSENT
    return refusal(
        facts, FailedStep.BACKUP, "the database that was backed up is another one than that of the earlier run"
    )


def refusal(facts: RunObserved, step: FailedStep, why: str) -> Failure:
    """Describe a Down that is refused: nothing was undone, so the next one need not say anything of the database."""
    hint = f"{why}. {remedy(Reason.DOWN_REFUSED)}: {commands.show_runs(facts.namespace)}"
    return Failure(step=step, reason=Reason.DOWN_REFUSED, hint=hint[:LONGEST_MESSAGE])


def _why_not(facts: RunObserved, earlier: EarlierRun | Absent) -> str:
    """Say why nothing leads down to what a run recorded; empty where something does."""
    name, spec = _name_of_earlier(facts), facts.spec
    if earlier is ABSENT:
        return f"there is no MigrationRun {name} in this namespace"
    way, found = way_down(spec.migration), _shown(earlier.version)
    reasons = {
        "is under way, or is this run itself": not earlier.over,
        f"is of another database: its lock is {earlier.lock_key}, not {spec.lock_key}": earlier.lock_key
        != spec.lock_key,
        f"migrated with {earlier.tool or 'a command'}, not with {spec.migration.tool}": earlier.tool
        != spec.migration.tool,
        "recorded no version before it migrated": not earlier.version or not earlier.identity,
        f"found {found}, and the tool's command cannot go there": way is ABSENT or not way.version_of(earlier.version),
    }
    why = next((why for why, applies in reasons.items() if applies), "")
    return f"MigrationRun {name} {why}" if why else ""


def _name_of_earlier(facts: RunObserved) -> str:
    return facts.spec.down.run_name if isinstance(facts.spec.down, Down) else ""


def _refuse(facts: RunObserved, why: str) -> RunResult:
    return fail_run(facts.status, refusal(facts, FailedStep.PREPARE, why))


def _shown(version: str) -> str:
    return one_line(version, _SHOWN) or "no version"

"""The contract of a release: a second run, once the release has soaked and no pod of the old version is left.

It is beside the gates: whatever becomes of it, the release is released. Its condition is Contracted.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from releaseflow.api import commands
from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.contract import Contract
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.conditions import (
    LONGEST_MESSAGE,
    READY,
    UndatedCondition,
    condition,
    false,
    true,
    unknown,
    with_dates,
)
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import CreateContractRun, FlowAction
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.further_runs import further_run, intended_run, run_is_wrong, seen_run, with_further_run
from releaseflow.core.flow.hints import suspended, under_way
from releaseflow.core.flow.run_spec import contract_run_spec
from releaseflow.core.outcomes import SUCCESSFUL
from releaseflow.core.timestamps import moment, timestamp
from releaseflow.workloads.workload import Rollout

ROLE, CONTRACTED = RunRole.CONTRACT, "Contracted"
POLL_SECONDS = 10.0
"""Seconds after which old pods are listed again: their end is an event of nothing that is watched."""
FlowDecision = Decision[ReleaseFlowStatus, FlowAction]


@dataclass(frozen=True)
class _Next:
    """What Contracted says, and what is to be recorded or done."""

    says: UndatedCondition
    known: FurtherRun | Absent = ABSENT
    action: CreateContractRun | Absent = ABSENT
    again: float | None = None
    live: bool = False


def is_due(spec: ReleaseFlowSpec, status: ReleaseFlowStatus, now: datetime) -> bool:
    """Whether the old pods of a release matter: its contract could begin, and has no run yet."""
    release = status.release
    if spec.contract is None or release is None or release.outcome is not Outcome.RELEASED:
        return False
    known = further_run(release, ROLE)
    return (known is ABSENT or not (known.uid or known.outcome)) and _seconds_to_soak(spec.contract, release, now) <= 0


def has_failed(release: Release) -> bool:
    """Whether the contract of a release failed, so that a retry may repair something."""
    known = further_run(release, ROLE)
    return known is not ABSENT and known.outcome not in {None, Reason.SUPERSEDED, *SUCCESSFUL}


def with_contract(facts: FlowObserved, decision: FlowDecision) -> FlowDecision:
    """Say how far the contract is, and go on with it where nothing else is to be done."""
    contract, release = facts.spec.contract, facts.status.release
    if contract is None:
        return decision
    rests = release is not None and release.outcome is Outcome.RELEASED and _is_ready(decision.status)
    if release is None or not rests or decision.status.sequence != release.sequence:
        return replace(
            decision, status=_with_condition(facts, decision.status, unknown(CONTRACTED, Reason.NOT_REACHED))
        )
    following = _next(facts, release, contract)
    status = decision.status if following.known is ABSENT else with_further_run(decision.status, following.known)
    again = [seconds for seconds in (decision.requeue_after, following.again) if seconds is not None]
    return Decision(
        _with_condition(facts, status, following.says),
        decision.action if decision.action is not ABSENT else following.action,
        requires_live_read=decision.requires_live_read or following.live,
        requeue_after=min(again, default=None),
    )


def _next(facts: FlowObserved, release: Release, contract: Contract) -> _Next:
    known = further_run(release, ROLE)
    if known is not ABSENT and known.outcome is not None:
        return _Next(_kept(facts, known))
    run = ABSENT if known is ABSENT else seen_run(facts, known)
    if known is not ABSENT and run is not ABSENT:
        return _follow(facts, release, known, run)
    if known is not ABSENT and known.uid:
        lost = known.model_copy(update={"outcome": Reason.OUTCOME_UNKNOWN})
        why = f"MigrationRun {known.run} is gone, and it is not known how the contract ended"
        return _Next(false(CONTRACTED, Reason.CONTRACT_FAILED, why), lost, live=True)
    return _begin(facts, release, contract, known)


def _begin(facts: FlowObserved, release: Release, contract: Contract, known: FurtherRun | Absent) -> _Next:
    """Wait for the soak and for the end of the old pods; then record the run, and create it."""
    left = _seconds_to_soak(contract, release, facts.now)
    if left > 0:
        message = f"The contract begins at {timestamp(_soak_end(contract, release, facts.now))}, after soakSeconds"
        return _Next(unknown(CONTRACTED, Reason.SOAKING, message), again=left)
    if facts.spec.suspend:
        return _Next(unknown(CONTRACTED, Reason.SUSPENDED, suspended(facts)))
    old = _what_is_old(facts)
    if old:
        message = f"The contract waits for the old version to be gone: {old}"[:LONGEST_MESSAGE]
        return _Next(unknown(CONTRACTED, Reason.OLD_PODS_ALIVE, message), again=POLL_SECONDS)
    if known is ABSENT:
        intent = intended_run(facts, release, ROLE)
        return _Next(_in_progress(facts, intent), intent)
    action = CreateContractRun(known.run, contract_run_spec(facts, release, contract))
    return _Next(_in_progress(facts, known), action=action)


def _what_is_old(facts: FlowObserved) -> str:
    """Say which target is not rolled out whole, or which pods have another image; empty where there are none."""
    for spec, target in zip(facts.spec.targets, facts.targets, strict=True):
        if target is ABSENT or target.rollout is not Rollout.COMPLETE:
            return f"{spec.kind} {spec.name} is not rolled out"
    return f"pods {', '.join(facts.old_pods)}" if facts.old_pods else ""


def _follow(facts: FlowObserved, release: Release, known: FurtherRun, run: RunForFlow) -> _Next:
    """Record the run's UID, wait for its end, and record that."""
    trouble = run_is_wrong(facts, release, known, run)
    if trouble is not ABSENT:
        taken = known.model_copy(update={"outcome": Reason.NAME_TAKEN})
        return _Next(false(CONTRACTED, Reason.CONTRACT_FAILED, trouble.hint), taken)
    if not known.uid:
        return _Next(_in_progress(facts, known), known.model_copy(update={"uid": run.uid}))
    if run.outcome is ABSENT:
        waits = run.pending_reason
        return _Next(_in_progress(facts, known) if waits is ABSENT else unknown(CONTRACTED, waits, run.message))
    ended = known.model_copy(update={"outcome": run.outcome})
    return _Next(_says(run, run.outcome), ended)


def _says(run: RunForFlow, outcome: Reason) -> UndatedCondition:
    if outcome in SUCCESSFUL:
        return true(CONTRACTED, outcome, f"MigrationRun {run.name} succeeded")
    if outcome is Reason.SUPERSEDED:
        return unknown(CONTRACTED, outcome, run.message)
    why = run.message if run.failure is ABSENT else f"{run.failure.step} failed: {run.failure.hint}"
    message = f"The release serves on. Its contract failed, MigrationRun {run.name}: {why}"
    return false(CONTRACTED, Reason.CONTRACT_FAILED, message[:LONGEST_MESSAGE])


def _kept(facts: FlowObserved, known: FurtherRun) -> UndatedCondition:
    """Return what was said when the contract ended."""
    old = condition(facts.status.conditions, CONTRACTED)
    if old is not None and old.reason is not Reason.NOT_REACHED:
        return UndatedCondition(CONTRACTED, old.status, old.reason, old.message)
    see = commands.print_run(facts.namespace, known.run)
    if known.outcome in SUCCESSFUL:
        return true(CONTRACTED, known.outcome or Reason.MIGRATED, f"MigrationRun {known.run} succeeded")
    return false(CONTRACTED, Reason.CONTRACT_FAILED, f"MigrationRun {known.run} ended with {known.outcome}. See: {see}")


def _in_progress(facts: FlowObserved, known: FurtherRun) -> UndatedCondition:
    return unknown(CONTRACTED, Reason.RUN_IN_PROGRESS, under_way(facts, known.run))


def _seconds_to_soak(contract: Contract, release: Release, now: datetime) -> float:
    return (_soak_end(contract, release, now) - now).total_seconds()


def _soak_end(contract: Contract, release: Release, now: datetime) -> datetime:
    since = moment(release.completion_time) if release.completion_time else now
    return since + timedelta(seconds=contract.soak_seconds)


def _is_ready(status: ReleaseFlowStatus) -> bool:
    ready = condition(status.conditions, READY)
    return ready is not None and ready.status is ConditionStatus.TRUE


def _with_condition(facts: FlowObserved, status: ReleaseFlowStatus, says: UndatedCondition) -> ReleaseFlowStatus:
    """Return the status with the condition between those of the gates and those of kstatus."""
    [dated] = with_dates((says,), facts.status.conditions, facts.generation, facts.now)
    row = [known for known in status.conditions if known.type != CONTRACTED]
    place = next((i for i, known in enumerate(row) if known.type == READY), len(row))
    return status.model_copy(update={"conditions": (*row[:place], dated, *row[place:])})

"""The hooks of onFailure: they run beside what the gates say, once a release has failed, and change nothing of it."""

from dataclasses import replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import CreateRun, FlowAction
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.further_runs import further_run, intended_run, run_is_wrong, seen_run, with_further_run
from releaseflow.core.flow.hooks import spec_of_hooks
from releaseflow.core.outcomes import HOOKS_SUCCESSFUL

ROLE = RunRole.ON_FAILURE
_FAILED = frozenset({Outcome.FAILED, Outcome.ROLLED_BACK})


def with_intended_failure_hooks(facts: FlowObserved, status: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record of a release that just ended, with the intent to run the hooks of its failure."""
    release = status.release
    if release is None or release.outcome not in _FAILED or not facts.spec.hooks.on_failure:
        return status
    return with_further_run(status, intended_run(facts, release, ROLE))


def with_seen_failure_hooks(facts: FlowObserved) -> ReleaseFlowStatus:
    """Return the record with what the run of these hooks says by now."""
    release = facts.status.release
    known = ABSENT if release is None else further_run(release, ROLE)
    run = ABSENT if known is ABSENT or known.outcome is not None else seen_run(facts, known)
    if release is None or known is ABSENT or run is ABSENT:
        return facts.status
    if run_is_wrong(facts, release, known, run) is not ABSENT:
        return with_further_run(facts.status, known.model_copy(update={"outcome": Reason.NAME_TAKEN}))
    ended = run.outcome if known.uid and run.outcome is not ABSENT else None
    return with_further_run(facts.status, known.model_copy(update={"uid": run.uid, "outcome": ended}))


def with_failure_hooks(
    facts: FlowObserved, decision: Decision[ReleaseFlowStatus, FlowAction]
) -> Decision[ReleaseFlowStatus, FlowAction]:
    """Create the run of these hooks where nothing else is to be done; one that was there is not made again."""
    known, release = _unseen(facts), facts.status.release
    if release is None or known is ABSENT or decision.status.sequence != release.sequence:
        return decision
    if known.uid:
        lost = known.model_copy(update={"outcome": Reason.HOOK_FAILED})
        return replace(decision, status=with_further_run(decision.status, lost), requires_live_read=True)
    if decision.action is not ABSENT or facts.spec.suspend or not facts.spec.hooks.on_failure:
        return decision
    return replace(decision, action=CreateRun(known.run, spec_of_hooks(facts, release, ROLE)))


def note_on_failure_hooks(namespace: str, release: Release) -> str:
    """Say so where these hooks failed as well."""
    known = further_run(release, ROLE)
    if known is ABSENT or known.outcome is None or known.outcome in HOOKS_SUCCESSFUL:
        return ""
    return f". The hooks of onFailure ended with {known.outcome}: {commands.show_run(namespace, known.run)}"


def _unseen(facts: FlowObserved) -> FurtherRun | Absent:
    """Return the record of the run of these hooks, where there is one without an end, and no run of its name."""
    release = facts.status.release
    known = ABSENT if release is None else further_run(release, ROLE)
    waits = known is not ABSENT and known.outcome is None and seen_run(facts, known) is ABSENT
    return known if waits else ABSENT

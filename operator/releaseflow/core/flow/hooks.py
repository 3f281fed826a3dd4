"""Gates BeforePromotionDone and AfterRolloutDone: the hooks of that place have ended well, or may fail."""

from collections.abc import Callable

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.hooks import Hook, Hooks
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Outcome, Release
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.approval import MOVED
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.failures import failure
from releaseflow.core.flow.further_runs import follow_further_run, further_run, with_further_run
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release
from releaseflow.core.flow.rollback import hold_or_turn_back
from releaseflow.core.flow.run_spec import hook_run_spec
from releaseflow.core.gates import GateResult
from releaseflow.core.outcomes import HOOKS_SUCCESSFUL


def before_promotion_is_done(facts: FlowObserved, release: Release) -> FlowResult:
    """Promote nothing before the hooks of this place have ended well, or are allowed to fail."""
    return _hooks_are_done(facts, release, RunRole.BEFORE_PROMOTION, lambda f, why: fail_release(f.status, why))


def after_rollout_is_done(facts: FlowObserved, release: Release) -> FlowResult:
    """Count a hook of this place that fails as a rollout that fails."""
    return _hooks_are_done(facts, release, RunRole.AFTER_ROLLOUT, lambda f, why: hold_or_turn_back(f, release, why))


def has_hooks(facts: FlowObserved, role: RunRole) -> bool:
    """Whether the hooks of a place belong to the row of the release: asked for in time, or recorded."""
    release = facts.status.release
    if release is not None and further_run(release, role) is not ABSENT:
        return True
    moved = any(status.step in MOVED for status in facts.status.targets)
    too_late = role is RunRole.BEFORE_PROMOTION and facts.status.is_under_way and moved
    return bool(hooks_of(facts.spec.hooks, role)) and not too_late


def were_run(release: Release, role: RunRole) -> bool:
    """Whether the hooks of a place ended in a release as it needs them."""
    known = further_run(release, role)
    return known is not ABSENT and known.outcome in HOOKS_SUCCESSFUL


def hooks_of(hooks: Hooks, role: RunRole) -> tuple[Hook, ...]:
    """Return the hooks of a place."""
    match role:
        case RunRole.MIGRATION:
            return hooks.before_migration
        case RunRole.BEFORE_PROMOTION:
            return hooks.before_promotion
        case RunRole.AFTER_ROLLOUT:
            return hooks.after_rollout
        case RunRole.ON_FAILURE:
            return hooks.on_failure
        case RunRole.CONTRACT:
            return ()


def spec_of_hooks(facts: FlowObserved, release: Release, role: RunRole) -> MigrationRunSpec:
    """Return the snapshot that the run of the hooks of a place works from."""
    return hook_run_spec(facts, release, role, hooks_of(facts.spec.hooks, role))


def _hooks_are_done(
    facts: FlowObserved, release: Release, role: RunRole, on_failure: Callable[[FlowObserved, Failure], FlowResult]
) -> FlowResult:
    known = further_run(release, role)
    if known is not ABSENT and known.outcome in HOOKS_SUCCESSFUL:
        return GateResult(_opened(facts, known), facts.status)
    run = follow_further_run(facts, release, role, spec_of_hooks)
    return run if isinstance(run, GateResult) else _take_over(facts, role, run, on_failure)


def _take_over(
    facts: FlowObserved,
    role: RunRole,
    run: RunForFlow,
    on_failure: Callable[[FlowObserved, Failure], FlowResult],
) -> FlowResult:
    """Record how the hooks ended, and open, or end the release."""
    outcome = Reason.RUN_FAILED if run.outcome is ABSENT else run.outcome
    known = FurtherRun(role=role, run=run.name, uid=run.uid, outcome=outcome)
    facts = facts.with_status(with_further_run(facts.status, known))
    if outcome in HOOKS_SUCCESSFUL:
        return GateResult(_opened(facts, known), facts.status)
    if outcome is Reason.SUPERSEDED:
        return GateResult(ReleaseEnded(Outcome.SUPERSEDED, Reason.SUPERSEDED, run.message), facts.status)
    if run.failure is not ABSENT:
        return on_failure(facts, run.failure)
    return on_failure(facts, failure(facts, FailedStep.RUN, outcome, run.message))


def _opened(facts: FlowObserved, known: FurtherRun) -> Opened:
    if known.outcome is Reason.HOOK_FAILURE_ALLOWED:
        see = commands.print_run(facts.namespace, known.run)
        message = f"A hook of MigrationRun {known.run} failed, which its onFailure: Continue allows. See it: {see}"
        return Opened(Reason.HOOK_FAILURE_ALLOWED, message)
    return Opened(Reason.HOOKS_DONE, f"MigrationRun {known.run} succeeded")

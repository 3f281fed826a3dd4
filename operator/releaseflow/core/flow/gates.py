"""The gates of a release, in their order."""

from typing import TypeAlias

from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.approval import promotion_is_approved
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.follow import follows_targets
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, released_message, with_good_image
from releaseflow.core.flow.hooks import after_rollout_is_done, before_promotion_is_done, has_hooks, were_run
from releaseflow.core.flow.promotion import targets_are_promoted
from releaseflow.core.flow.rollback import images_are_put_back, is_rolling_back
from releaseflow.core.flow.rollout import targets_are_rolled_out
from releaseflow.core.flow.run import run_is_successful
from releaseflow.core.flow.runner import runner_is_ready
from releaseflow.core.flow.startup import first_target_is_started, run_is_ready
from releaseflow.core.flow.targets import targets_are_found
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import Evaluation, Gate, GateResult, evaluate

FlowGate: TypeAlias = Gate[FlowObserved, ReleaseFlowStatus, FlowAction, ReleaseEnded]
FlowEvaluation: TypeAlias = Evaluation[ReleaseFlowStatus, FlowAction, ReleaseEnded]

TARGETS_FOUND = FlowGate("TargetsFound", targets_are_found)
RUNNER_READY = FlowGate("RunnerReady", lambda facts: runner_is_ready(facts, facts.release))
RUN_READY = FlowGate("RunReady", lambda facts: run_is_ready(facts, facts.release))
STARTED = FlowGate("Started", lambda facts: first_target_is_started(facts, facts.release))
RUN_SUCCEEDED = FlowGate("RunSucceeded", lambda facts: run_is_successful(facts, facts.release))
APPROVED = FlowGate("Approved", lambda facts: promotion_is_approved(facts, facts.release))
PROMOTED = FlowGate("Promoted", lambda facts: targets_are_promoted(facts, facts.release))
ROLLED_OUT = FlowGate("RolledOut", lambda facts: targets_are_rolled_out(facts, facts.release))
BEFORE_PROMOTION = FlowGate("BeforePromotionDone", lambda facts: before_promotion_is_done(facts, facts.release))
AFTER_ROLLOUT = FlowGate("AfterRolloutDone", lambda facts: after_rollout_is_done(facts, facts.release))
_STARTUP = (RUN_READY, STARTED)
"""Where the first target migrates as it starts: it is moved before the run has succeeded, the others after that."""
GATES = (
    *(TARGETS_FOUND, RUNNER_READY, *_STARTUP, RUN_SUCCEEDED, APPROVED),
    *(BEFORE_PROMOTION, PROMOTED, ROLLED_OUT, AFTER_ROLLOUT),
)
_WITHOUT_TARGETS = (RUNNER_READY, RUN_SUCCEEDED)
_FOLLOWING = (TARGETS_FOUND, RUN_SUCCEEDED)
_OF_HOOKS = {BEFORE_PROMOTION: RunRole.BEFORE_PROMOTION, AFTER_ROLLOUT: RunRole.AFTER_ROLLOUT}
"""What the hooks of these gates are called."""


def gates_of(facts: FlowObserved) -> tuple[FlowGate, ...]:
    """Return the gates of a flow: without targets, or following them, there is nothing to promote."""
    if follows_targets(facts.spec):
        return _FOLLOWING
    row = GATES if facts.spec.has_targets else _WITHOUT_TARGETS
    return tuple(gate for gate in row if _is_in_row(facts, gate))


def gates_that_opened(facts: FlowObserved, release: Release) -> tuple[FlowGate, ...]:
    """Return the gates that a release has opened: hooks that were asked for since hold from the next one on."""
    return tuple(gate for gate in gates_of(facts) if gate not in _OF_HOOKS or were_run(release, _OF_HOOKS[gate]))


def _is_in_row(facts: FlowObserved, gate: FlowGate) -> bool:
    """Whether a flow has this gate: a runner for one, a migration at startup for two, hooks for the others."""
    if gate is RUNNER_READY:
        return facts.spec.migration.running_container is not None
    if gate in _STARTUP:
        return facts.status.release is not None and facts.status.release.startup is not None
    return gate not in _OF_HOOKS or has_hooks(facts, _OF_HOOKS[gate])


def evaluate_release(facts: FlowObserved) -> FlowEvaluation:
    """Return how far the release under way comes, and the result of its first closed gate."""
    if is_rolling_back(facts):
        return Evaluation((), ROLLED_OUT.condition, images_are_put_back(facts, facts.release))
    return evaluate(facts, gates_of(facts), _end_release)


def _end_release(facts: FlowObserved) -> FlowResult:
    """End a release whose gates are open; where nothing is promoted, this is where a migration may come too late."""
    changed = no_longer_wanted(facts, facts.release)
    if changed is not ABSENT:
        return GateResult(changed, facts.status)
    ended = ReleaseEnded(Outcome.RELEASED, Reason.RELEASED, released_message(facts, facts.release))
    if facts.spec.mode is not Mode.PROMOTE:
        return GateResult(ended, facts.status)
    return GateResult(ended, with_good_image(facts.status, facts.release.image))

"""The gates of a release, in their order."""

from typing import TypeAlias

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.approval import promotion_is_approved
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.follow import follows_targets
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, released_message, with_good_image
from releaseflow.core.flow.promotion import targets_are_promoted
from releaseflow.core.flow.rollback import images_are_put_back, is_rolling_back
from releaseflow.core.flow.rollout import last_target_is_rolled_out
from releaseflow.core.flow.run import run_is_successful
from releaseflow.core.flow.runner import runner_is_ready
from releaseflow.core.flow.targets import targets_are_found
from releaseflow.core.flow.wanted import no_longer_wanted
from releaseflow.core.gates import Evaluation, Gate, GateResult, evaluate

FlowGate: TypeAlias = Gate[FlowObserved, ReleaseFlowStatus, FlowAction, ReleaseEnded]
FlowEvaluation: TypeAlias = Evaluation[ReleaseFlowStatus, FlowAction, ReleaseEnded]

TARGETS_FOUND = FlowGate("TargetsFound", targets_are_found)
RUNNER_READY = FlowGate("RunnerReady", lambda facts: runner_is_ready(facts, facts.release))
RUN_SUCCEEDED = FlowGate("RunSucceeded", lambda facts: run_is_successful(facts, facts.release))
APPROVED = FlowGate("Approved", lambda facts: promotion_is_approved(facts, facts.release))
PROMOTED = FlowGate("Promoted", lambda facts: targets_are_promoted(facts, facts.release))
ROLLED_OUT = FlowGate("RolledOut", lambda facts: last_target_is_rolled_out(facts, facts.release))
GATES = (TARGETS_FOUND, RUNNER_READY, RUN_SUCCEEDED, APPROVED, PROMOTED, ROLLED_OUT)
_WITHOUT_TARGETS = (RUNNER_READY, RUN_SUCCEEDED)
_FOLLOWING = (TARGETS_FOUND, RUN_SUCCEEDED)


def gates_of(spec: ReleaseFlowSpec) -> tuple[FlowGate, ...]:
    """Return the gates of a flow: where it has no targets, or only follows them, there is nothing to promote."""
    if follows_targets(spec):
        return _FOLLOWING
    row = GATES if spec.targets else _WITHOUT_TARGETS
    return row if spec.migration.running_container is not None else tuple(g for g in row if g is not RUNNER_READY)


def evaluate_release(facts: FlowObserved) -> FlowEvaluation:
    """Return how far the release under way comes, and the result of its first closed gate."""
    if is_rolling_back(facts):
        return Evaluation((), ROLLED_OUT.condition, images_are_put_back(facts, facts.release))
    return evaluate(facts, gates_of(facts.spec), _end_release)


def _end_release(facts: FlowObserved) -> FlowResult:
    """End a release whose gates are open; where nothing is promoted, this is where a migration may come too late."""
    changed = no_longer_wanted(facts, facts.release)
    if changed is not ABSENT:
        return GateResult(changed, facts.status)
    ended = ReleaseEnded(Outcome.RELEASED, Reason.RELEASED, released_message(facts, facts.release))
    if follows_targets(facts.spec):
        return GateResult(ended, facts.status)
    return GateResult(ended, with_good_image(facts.status, facts.release.image))

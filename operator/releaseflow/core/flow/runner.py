"""Gate RunnerReady: the workload that a migration is executed in runs the new image before the run begins.

It is moved and followed as a target is, by the same code, which is why it is shown to that code as the only target of
the flow. It receives no requests: where it does not come up it is left as it is, nothing was migrated, and the release
fails.
"""

from dataclasses import replace

from releaseflow.api.v1alpha1.promotion import Mode, OnRolloutFailure
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.history import FlowResult, runner_target
from releaseflow.core.flow.promotion import targets_are_promoted
from releaseflow.core.flow.rollout import follow_rollouts
from releaseflow.core.flow.run import reason_not_to_begin
from releaseflow.core.flow.targets import targets_are_found
from releaseflow.core.gates import GateResult


def runner_is_ready(facts: FlowObserved, release: Release) -> FlowResult:
    """Move the workload to execute in, and wait for its rollout; once the run is made, it is the run's concern."""
    spec = runner_target(facts.spec)
    if spec is ABSENT or release.run_outcome is not None or facts.run is not ABSENT:
        return GateResult(Opened(), facts.status)
    verdict = reason_not_to_begin(facts, release)
    if verdict is not ABSENT:
        return GateResult(verdict, facts.status)
    result = _moved(_as_only_target(facts, spec, release.image), release)
    moved = result.status.model_copy(update={"targets": facts.status.targets, "runner": result.status.targets[0]})
    if not isinstance(result.verdict, Opened):
        return GateResult(result.verdict, moved)
    message = f"{release.image} runs in {spec.kind} {spec.name}"[:LONGEST_MESSAGE]
    return GateResult(Opened(message=message), moved)


def _moved(facts: FlowObserved, release: Release) -> FlowResult:
    """Find the only target, write the image into it, and follow its rollout."""
    result = targets_are_found(facts)
    if isinstance(result.verdict, Opened):
        result = targets_are_promoted(facts.with_status(result.status), release)
    if isinstance(result.verdict, Opened):
        result = follow_rollouts(facts.with_status(result.status), release, (0,))
    return result


def _as_only_target(facts: FlowObserved, spec: Target, image: str) -> FlowObserved:
    """Return the flow as one that promotes the image into its only target, the workload to execute in."""
    held = facts.spec.promotion.model_copy(update={"on_rollout_failure": OnRolloutFailure.HOLD})
    known, fresh = facts.status.runner, TargetStatus(kind=spec.kind, name=spec.name)
    same = known is not None and (known.kind, known.name) == (spec.kind, spec.name)
    return replace(
        facts,
        spec=facts.spec.model_copy(
            update={"mode": Mode.PROMOTE, "image": image, "targets": (spec,), "promotion": held}
        ),
        status=facts.status.model_copy(update={"targets": (known if same else fresh,)}),
        targets=(facts.runner,),
        runner=ABSENT,
    )

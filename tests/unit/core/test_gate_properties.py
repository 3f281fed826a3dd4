"""What holds for flows with mode Gate, whatever is observed of them."""

from hypothesis import given

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.core.conditions import READY, condition
from releaseflow.core.flow.actions import CreateRun, FlowAction, ResumeTarget, SetImage, StartTarget
from releaseflow.core.flow.containers import all_have, chosen_images
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.facts import FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.outcomes import SUCCESSFUL
from tests.unit.core import recorded_states
from tests.unit.core.strategies import MANY, observed_flows


def is_gated(seen: FlowObserved) -> bool:
    return seen.spec.mode is Mode.GATE and seen.spec.image is None


def has(seen: FlowObserved, name: str, image: str) -> bool:
    index = next(i for i, target in enumerate(seen.targets) if isinstance(target, TargetFacts) and target.name == name)
    return all_have(chosen_images(seen, index, image), image)


def is_migrated(seen: FlowObserved) -> bool:
    """Whether the migration of the newest release is recorded as done, or is seen to be."""
    release, run = seen.status.release, seen.run
    assert release is not None
    if release.run_outcome in SUCCESSFUL or release.outcome is Outcome.RELEASED:
        return True
    ours = isinstance(run, RunForFlow) and (run.flow_uid, run.sequence) == (seen.uid, release.sequence)
    return ours and isinstance(run, RunForFlow) and run.outcome in SUCCESSFUL and run.image == release.image


def test_a_story_resumes_targets() -> None:
    assert len(recorded_states.flows(ResumeTarget)) > 1


@MANY
@given(observed_flows(ResumeTarget))
def test_a_held_image_goes_on_only_when_its_migration_is_known_to_be_done_or_its_pods_have_it(
    seen: FlowObserved,
) -> None:
    decided = decide(seen)
    action = decided.action
    if not isinstance(action, ResumeTarget):
        return
    target = next(t for t in seen.targets if isinstance(t, TargetFacts) and t.name == action.name)
    assert (action.uid, action.resource_version) == (target.uid, target.resource_version)
    assert action.requires_live_read
    assert target.held or target.has_stale_mark
    if target.held and not target.runs_template and not target.has_stale_mark:
        assert seen.status.release is not None
        assert has(seen.with_status(decided.status), action.name, seen.status.release.image)
        assert is_migrated(seen)


@MANY
@given(observed_flows())
def test_it_writes_no_image_and_begins_nothing_without_its_policies(seen: FlowObserved) -> None:
    action: FlowAction | object = decide(seen).action
    if not is_gated(seen):
        return
    assert not isinstance(action, StartTarget)
    assert not isinstance(action, SetImage) or (action.images, action.init_images) == ((), ())
    release = seen.status.release
    if seen.missing_policies and (release is None or release.outcome is not None):
        assert not isinstance(action, CreateRun) or action.spec.flow_ref is None or release is not None


@MANY
@given(observed_flows())
def test_it_is_not_ready_while_a_target_waits_for_another_image(seen: FlowObserved) -> None:
    decided = decide(seen)
    ready = condition(decided.status.conditions, READY)
    if not is_gated(seen) or ready is None or ready.status is not ConditionStatus.TRUE:
        return
    assert decided.status.release is not None
    assert decided.status.wanted_image == decided.status.release.image

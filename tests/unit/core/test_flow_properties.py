"""What holds for flows whatever is observed."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from releaseflow.api.v1alpha1.conditions import ConditionStatus
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.decision import Decision, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import CreateRun, DeleteRun, FenceTarget, FlowAction, SetImage
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.facts import Fence, FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.flow.gates import GATES
from releaseflow.core.outcomes import SUCCESSFUL
from tests.unit.core import recorded_states
from tests.unit.core.status_assertions import (
    assert_dated_anew_only_with_its_status,
    assert_it_can_be_read_back,
    before_a_deadline,
)
from tests.unit.core.strategies import MANY, observed_flows

FlowDecision = Decision[ReleaseFlowStatus, FlowAction]
ACTIONS = [CreateRun, DeleteRun, FenceTarget, SetImage]


def after(seen: FlowObserved, status: ReleaseFlowStatus) -> FlowObserved:
    """Return what is seen once a status was written: another release names another run."""
    same = isinstance(seen.run, RunForFlow) and status.release is not None and seen.run.name == status.release.run
    return replace(seen, status=status, run=seen.run if same else ABSENT)


def settled(seen: FlowObserved) -> tuple[FlowObserved, FlowDecision]:
    """Write status after status until there is something to do, or nothing more to say."""
    for _ in range(12):
        decided = decide(seen)
        if not isinstance(next_effect(decided, seen.status), WriteStatus):
            return seen, decided
        seen = after(seen, decided.status)
    raise AssertionError("the status never rests")


def release_of(seen: FlowObserved) -> Release:
    assert seen.status.release is not None
    return seen.status.release


def here(seen: FlowObserved, name: str) -> TargetFacts:
    return next(target for target in seen.targets if isinstance(target, TargetFacts) and target.name == name)


def test_the_stories_lead_to_every_action() -> None:
    assert {type(settled(seen)[1].action) for seen in recorded_states.flows()} >= set(ACTIONS)


LATER = timedelta(minutes=1, seconds=7)
"""A time that no generated status has recorded already, as a clock that was put back may have."""


@MANY
@given(observed_flows())
def test_it_always_decides_and_always_the_same(seen: FlowObserved) -> None:
    assert decide(seen) == decide(seen)


@MANY
@given(observed_flows(SetImage))
def test_an_image_is_set_only_after_its_own_run_succeeded_or_to_go_back(seen: FlowObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, SetImage):
        return
    release, target = release_of(seen), here(seen, decided.action.name)
    known = next(known for known in decided.status.targets if known.name == target.name)
    assert release.outcome is None
    assert decided.action.requires_live_read
    assert (decided.action.uid, decided.action.resource_version) == (target.uid, target.resource_version)
    turning = any(t.step in {TargetStep.FAILED, TargetStep.ROLLED_BACK} for t in seen.status.targets)
    good = {container.name: container.good_image for container in known.containers}
    for name, image in decided.action.images:
        if turning:
            assert image == good[name]
            assert target.images[0][1] == release.image
            assert not decided.action.before_status
            continue
        run = seen.run
        observed = isinstance(run, RunForFlow) and run.outcome in SUCCESSFUL
        ours = isinstance(run, RunForFlow) and (run.flow_uid, run.sequence, run.image) == (
            seen.uid,
            release.sequence,
            release.image,
        )
        assert release.run_outcome in SUCCESSFUL or (observed and ours)
        assert image == release.image == seen.spec.image
        assert not release.aborted
        assert target.fence == Fence(seen.name, seen.uid, release.sequence)


@MANY
@given(observed_flows(CreateRun))
def test_a_run_is_created_only_for_a_recorded_release_behind_fences(seen: FlowObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, CreateRun):
        return
    release, ref = release_of(seen), decided.action.spec.flow_ref
    assert ref is not None
    assert (decided.action.name, ref.uid, ref.sequence) == (release.run, seen.uid, release.sequence)
    assert decided.action.spec.image == release.image == decided.status.wanted_image
    assert not release.aborted
    assert not seen.spec.suspend
    assert release.outcome is None
    assert release.run_outcome is None
    assert not decided.action.before_status
    assert all(isinstance(target, TargetFacts) for target in seen.targets)
    for target in seen.targets:
        assert isinstance(target, TargetFacts)
        assert target.fence == Fence(seen.name, seen.uid, release.sequence)
        assert target.managed


@MANY
@given(observed_flows(FenceTarget))
def test_a_fence_of_ours_is_never_lowered_and_that_of_a_living_flow_never_taken(seen: FlowObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, FenceTarget):
        return
    fence = here(seen, decided.action.name).fence
    if isinstance(fence, Fence) and fence.flow_uid == seen.uid:
        assert fence.sequence <= decided.action.fence.sequence
    elif isinstance(fence, Fence):
        assert not here(seen, decided.action.name).fence_owner_exists


@MANY
@given(observed_flows())
def test_an_outcome_is_final_and_sequences_only_grow(seen: FlowObserved) -> None:
    old, new = seen.status.release, decide(seen).status.release
    if old is None:
        return
    assert new is not None
    assert new.sequence >= old.sequence
    if new.sequence == old.sequence and old.outcome is not None:
        assert new.outcome is old.outcome
    if new.sequence > old.sequence:
        assert decide(seen).status.history[0].sequence == old.sequence


@MANY
@given(observed_flows(DeleteRun))
def test_only_finished_runs_are_deleted(seen: FlowObserved) -> None:
    seen, decided = settled(seen)
    if not isinstance(decided.action, DeleteRun):
        return
    run = next(run for run in seen.runs if run.name == decided.action.name)
    assert run.outcome is not ABSENT
    assert release_of(seen).outcome is Outcome.RELEASED


@MANY
@given(observed_flows())
def test_every_status_can_be_written_and_read_back(seen: FlowObserved) -> None:
    assert_it_can_be_read_back(decide(seen).status)


@MANY
@given(observed_flows())
def test_the_gate_that_a_status_names_is_the_first_that_is_closed(seen: FlowObserved) -> None:
    status = decide(seen).status
    if status.conditions == seen.status.conditions:
        return
    row = [gate.condition for gate in GATES]
    closed = [c.type for c in status.conditions if c.type in row and c.status is ConditionStatus.FALSE]
    assert status.gate == next(iter(closed), "")


@MANY
@given(observed_flows())
def test_time_alone_changes_nothing_but_at_a_deadline(seen: FlowObserved) -> None:
    seen, decided = settled(seen)
    if decided.action is not ABSENT:
        return
    later = decide(replace(seen, now=before_a_deadline(seen.now, decided)))
    assert (later.status, later.action) == (decided.status, ABSENT)


@MANY
@given(observed_flows())
def test_last_transition_time_changes_only_with_the_status_of_a_condition(seen: FlowObserved) -> None:
    first = decide(seen).status
    second = decide(replace(after(seen, first), now=seen.now + LATER)).status
    assert_dated_anew_only_with_its_status(first.conditions, second.conditions)


@MANY
@given(observed_flows())
def test_commands_are_echoed_and_a_flow_that_is_deleted_is_left_alone(seen: FlowObserved) -> None:
    decided = decide(seen)
    if seen.deleting:
        assert (decided.status, decided.action) == (seen.status, ABSENT)
        return
    assert decided.status.last_handled is not None
    assert decided.status.last_handled.retry == seen.commands.retry

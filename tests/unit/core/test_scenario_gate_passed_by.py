"""Images that pass the gate by, and flows whose policies are away: what was promised, and what is said of it."""

from dataclasses import replace

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import CreateRun, ResumeTarget, SetImage
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.facts import TargetFacts
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support.builders import NEW, OLD
from tests.support.pod_outcomes import migration_failed
from tests.unit.core.world import World


def test_an_image_past_the_gate_is_reported_and_its_pods_are_restarted_when_a_person_retries(gated: World) -> None:
    gated.break_glass(NEW)
    gated.play()
    assert (gated.ready(), gated.count(CreateRun)) == (("False", Reason.GATE_BYPASSED), 1)
    assert f"Deployment shop already runs {NEW}" in gated.said()
    gated.command(retry="1")
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), NEW)
    assert [action.images for action in gated.happened if isinstance(action, SetImage)] == [()], "a restart, no image"


def test_an_image_past_the_gate_during_its_own_migration_fails_the_release(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(StartMigration) == 1)
    gated.break_glass(NEW)
    gated.play()
    assert gated.ready() == ("False", Reason.GATE_BYPASSED)


def test_one_past_the_gate_that_is_put_back_is_as_before(gated: World) -> None:
    gated.break_glass(NEW)
    gated.play()
    gated.set_image(OLD)
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), OLD)


def test_without_its_policies_it_promises_nothing_and_starts_nothing(gated: World) -> None:
    gated.missing_policies = ("MutatingAdmissionPolicy",)
    gated.play()
    assert (gated.ready(), gated.count(CreateRun)) == (("False", Reason.GATE_NOT_INSTALLED), 1)
    gated.set_image(NEW)
    gated.play()
    assert (gated.is_held(), gated.count(CreateRun)) == (True, 1)
    gated.missing_policies = ()
    gated.play()
    assert (gated.ready(), gated.serving()) == (("True", Reason.RELEASED), NEW)


def test_a_release_that_is_under_way_goes_on_without_the_policies(gated: World) -> None:
    gated.set_image(NEW)
    gated.play(until=lambda w: w.count(StartMigration) == 1)
    gated.missing_policies = ("MutatingAdmissionPolicy",)
    gated.play()
    assert (gated.is_held(), gated.serving()) == (False, NEW)
    assert gated.ready() == ("False", Reason.GATE_NOT_INSTALLED)


def test_the_mark_of_what_was_resumed_past_the_gate_is_removed_and_a_pause_of_a_person_is_theirs(gated: World) -> None:
    rests = replace(gated.seen_flows[-1], status=gated.flow.status)
    [target] = rests.targets
    assert isinstance(target, TargetFacts)
    marked, paused = replace(target, has_stale_mark=True), replace(target, rollout=Rollout.PAUSED)
    assert isinstance(decide(replace(rests, targets=(marked,))).action, ResumeTarget)
    assert decide(replace(rests, targets=(paused,))).action is ABSENT


def test_what_it_was_before_it_was_held_is_in_the_write_that_resumes_it(gated: World) -> None:
    rests = replace(gated.seen_flows[-1], status=gated.flow.status)
    [target] = rests.targets
    assert isinstance(target, TargetFacts)
    held = replace(target, kind="CronJob", held=True, mark="suspended", rollout=Rollout.PAUSED, runs_template=False)
    action = decide(replace(rests, targets=(held,))).action
    assert isinstance(action, ResumeTarget)
    assert action.mark == "suspended"


def test_where_no_pod_shows_that_the_image_before_serves_a_person_decides(gated: World) -> None:
    gated.fates[StepType.MIGRATE] = [migration_failed()]
    gated.set_image(NEW)
    gated.play()
    seen = replace(gated.seen_flows[-1], status=gated.flow.status)
    [target] = seen.targets
    assert isinstance(target, TargetFacts)
    put_back = replace(target, images=(("web", OLD),), held=True, runs_template=False)
    decided = decide(replace(seen, targets=(put_back,)))
    assert decided.action is ABSENT
    ready = condition(decided.status.conditions, READY)
    assert ready is not None
    assert ready.reason is Reason.MIGRATION_FAILED

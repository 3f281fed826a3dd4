"""Gates of a flow, asked by themselves, and what people ask of a flow by its annotations."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import Approval, LastHandled, ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import ContainerStatus, TargetStatus, TargetStep
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.core.conditions import condition
from releaseflow.core.decision import Decision, Opened, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.approval import promotion_is_approved
from releaseflow.core.flow.commands import find_ignored_commands
from releaseflow.core.flow.containers import Images, were_changed
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.facts import Commands, Fence, FlowObserved, TargetFacts
from releaseflow.core.flow.failures import image_change_failure
from releaseflow.core.flow.history import database_hash, end_message, with_new_release, with_release
from releaseflow.core.flow.promotion import targets_are_promoted
from releaseflow.core.flow.rollout import targets_are_rolled_out
from releaseflow.core.flow.run import _stay_hint
from releaseflow.core.flow.run_spec import run_spec
from releaseflow.core.flow.targets import CONTAINER_POLL_SECONDS, TARGET_POLL_SECONDS
from releaseflow.core.names import repository
from releaseflow.core.timestamps import timestamp
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import FLOW_UID, NEW, OLD

LONGEST_COLUMN = 256
RELEASE = Release(
    sequence=2,
    image=NEW,
    trigger=Trigger.NEW_IMAGE,
    database_hash=database_hash(builders.flow_spec().database),
    run="shop-2-abc",
    start_time=timestamp(builders.NOW),
)


def promoting(**facts: Any) -> FlowObserved:
    """Return a flow whose run has succeeded."""
    status = ReleaseFlowStatus(
        sequence=2,
        release=RELEASE,
        targets=(builders.known(OLD),),
        last_handled=LastHandled(),
    )
    here = builders.target(fence=Fence("shop", FLOW_UID, 2), managed=True)
    return replace(builders.flow(status=status, targets=(here,)), **facts)


@pytest.mark.parametrize("gate", [targets_are_promoted, targets_are_rolled_out])
def test_a_target_that_vanished_is_waited_for(gate: Any) -> None:
    assert gate(promoting(targets=(ABSENT,)), RELEASE).verdict.reason is Reason.TARGET_NOT_FOUND


def test_a_held_target_that_vanished_is_waited_for() -> None:
    spec = builders.flow_spec(mode="Gate", image=ABSENT)
    assert targets_are_promoted(promoting(spec=spec, targets=(ABSENT,)), RELEASE).verdict.reason is (
        Reason.TARGET_NOT_FOUND
    )


def test_a_target_that_is_waited_for_is_read_again_periodically() -> None:
    assert decide(promoting(targets=(ABSENT,))).requeue_after == TARGET_POLL_SECONDS


def test_a_target_that_is_rolled_out_is_not_touched_again() -> None:
    seen = promoting()
    done = seen.status.model_copy(update={"targets": (TargetStatus(name="shop", step=TargetStep.ROLLED_OUT),)})
    assert targets_are_promoted(replace(seen, status=done), RELEASE).verdict.reason is Reason.OPENED


def test_a_rollout_without_a_recorded_start_has_its_whole_time() -> None:
    moved = builders.known(NEW, step=TargetStep.PROMOTED)
    here = builders.target(NEW, fence=Fence("shop", FLOW_UID, 2), managed=True, rollout=Rollout.PROGRESSING)
    seen = promoting(targets=(here,))
    verdict = targets_are_rolled_out(
        replace(seen, status=seen.status.model_copy(update={"targets": (moved,)})), RELEASE
    ).verdict
    assert isinstance(verdict, Waiting)
    assert verdict.requeue_after == seen.spec.promotion.progress_deadline_seconds


def test_end_message_without_release_or_failure() -> None:
    seen = builders.flow()
    assert end_message(seen, seen.status).startswith(f"{NEW} is not released")
    assert with_release(seen.status, aborted=True) == seen.status


def test_a_condition_that_is_not_there_is_nothing() -> None:
    assert condition(decide(builders.flow()).status.conditions, "Nonsense") is None


SEE = "See: kubectl get rflow shop -n team"


def asked(before: ReleaseFlowStatus, **commands: str) -> tuple[str, ...]:
    """Return what is answered to commands."""
    seen = promoting(status=before, commands=Commands(**commands))
    return find_ignored_commands(seen, decide(seen).status)


def test_commands_without_effect_are_answered() -> None:
    before = promoting().status
    assert asked(before) == ()
    assert asked(before, retry="1") == (
        (
            "retry does not apply now: a release is under way, nothing has failed, or the flow is suspended. "
            f"Once it applies, give it a new value. {SEE}"
        ),
    )
    assert asked(before, abort="1") == ()
    named = f"approve names another-run, and the newest release's run is {RELEASE.run}: nothing is approved. {SEE}"
    assert asked(before, approve="another-run") == (named,)
    assert asked(before, approve=RELEASE.run) == ()
    assert asked(before, approve=f"{RELEASE.run}/BeforePromotion") == ()
    aborted = with_release(before, aborted=True)
    assert asked(aborted, abort="1") == (
        f"abort does not apply now: no release is under way, or it is being aborted already. {SEE}",
    )
    assert asked(ReleaseFlowStatus(sequence=9, release=RELEASE), retry="1") == (
        f"retry stood there when the flow was first seen: it is not acted on. Give it a new value to retry. {SEE}",
    )
    assert (
        "none"
        in find_ignored_commands(
            builders.flow(status=ReleaseFlowStatus()), ReleaseFlowStatus(last_handled=LastHandled(approve="x"))
        )[0]
    )


@pytest.mark.parametrize(("approvals", "answered"), [([], 0), (["BeforeMigration"], 0), (["BeforePromotion"], 1)])
def test_an_approval_of_a_run_that_has_ended_is_answered_where_the_promotion_waits(
    approvals: list[str], answered: int
) -> None:
    before = with_release(promoting().status, run_outcome=Reason.MIGRATED)
    seen = promoting(
        status=before, spec=builders.flow_spec(approvals=approvals), commands=Commands(approve=RELEASE.run)
    )
    after = before.model_copy(update={"last_handled": LastHandled(approve=RELEASE.run)})
    said = f"approve names {RELEASE.run}, which has ended: the promotion is approved by {RELEASE.run}/BeforePromotion"
    assert find_ignored_commands(seen, after) == (f"{said}. {SEE}",) * answered


def test_a_retry_that_starts_a_release_is_not_answered() -> None:
    before = with_release(promoting().status, outcome=Outcome.ABORTED)
    seen = promoting(status=ReleaseFlowStatus.model_validate(before.model_dump()), commands=Commands(retry="1"))
    assert find_ignored_commands(seen, decide(seen).status) == ()


def test_a_release_that_starts_in_mid_rollout_remembers_what_was_good() -> None:
    before = ReleaseFlowStatus(targets=(builders.known(OLD, good=OLD, uid=""),))
    seen = builders.flow(status=before, targets=(builders.target(NEW, rollout=Rollout.PROGRESSING),))
    (known,) = with_new_release(seen, RELEASE).targets
    assert known == builders.known(NEW, good=OLD)


def test_a_run_inherits_from_the_first_released_container_where_none_is_named() -> None:
    listed = builders.flow_spec(targets=[{"name": "shop", "containers": ["worker", "web"]}])
    two = (builders.target(images=(("web", OLD), ("worker", OLD)), init_images=(("assets", OLD),)),)
    flows = [promoting(), promoting(targets=(ABSENT,)), promoting(spec=listed, targets=two)]
    flows += [with_containers(("assets", "worker"), targets=two)]
    found = [run_spec(flow, RELEASE).workload_ref for flow in flows]
    assert found == [WorkloadRef(name="shop", container=name) for name in (None, None, "web", "worker")]


@pytest.mark.parametrize(("given", "container"), [
    ({"name": "shop", "container": "admin"}, "admin"),
    ({"name": "shop"}, "web"),
    ({"name": "shop-worker"}, "worker"),
    ({"name": "shop-console"}, None),
    ({"name": "shop-console", "container": "rails"}, "rails"),
])  # fmt: skip
def test_a_run_inherits_from_the_workload_that_the_flow_names(given: dict[str, str], container: str | None) -> None:
    targets = [{"name": "shop", "containers": ["web"]}, {"name": "shop-worker", "containers": ["worker"]}]
    spec = builders.flow_spec(targets=targets, migration={"tool": "Django", "workloadRef": given})
    known = (TargetStatus(name="shop"), TargetStatus(name="shop-worker"))
    seen = (builders.target(), replace(builders.target(images=(("worker", OLD),)), name="shop-worker"))
    flow = builders.flow(spec=spec, status=ReleaseFlowStatus(targets=known), targets=seen)
    assert run_spec(flow, RELEASE).workload_ref == WorkloadRef(name=given["name"], container=container)


def test_a_run_gets_what_the_flow_says_of_its_jobs() -> None:
    flow = promoting(spec=builders.flow_spec(jobs={"startDeadlineSeconds": 60}))
    assert run_spec(flow, RELEASE).jobs.start_deadline_seconds == 60


def here_of(seen: FlowObserved) -> TargetFacts:
    (here,) = seen.targets
    assert isinstance(here, TargetFacts)
    return here


def with_containers(containers: tuple[str, ...], **facts: Any) -> FlowObserved:
    """Return a flow whose release has chosen these containers."""
    flow = promoting(**facts)
    chosen = tuple(ContainerStatus(name=name, image=OLD) for name in containers)
    known = flow.status.targets[0].model_copy(update={"containers": chosen})
    return replace(flow, status=flow.status.model_copy(update={"targets": (known,)}))


@pytest.mark.parametrize(("image", "name"), [
    ("shop", "shop"), ("acme/shop:1", "acme/shop"), ("localhost:5000/shop", "localhost:5000/shop"),
    ("localhost:5000/shop:1@sha256:aa", "localhost:5000/shop"), ("shop@sha256:aa", "shop"),
])  # fmt: skip
def test_the_repository_of_an_image_has_neither_tag_nor_digest(image: str, name: str) -> None:
    assert repository(image) == name


def test_every_part_of_where_a_database_is_makes_it_another() -> None:
    def hashed(secret: str, key: str, lock: str, image: str = "pg:17") -> str:
        facts = {"urlSecretRef": {"name": secret, "key": key}, "lockKey": lock, "client": {"image": image}}
        return database_hash(builders.flow_spec(database=facts).database)

    assert len({hashed(*parts) for parts in (("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"))}) == 3
    assert hashed("a", "b", "c") == hashed("a", "b", "x"), "another key of the lock starts no release"
    assert hashed("a", "b", "c") == hashed("a", "b", "c", "pg:18"), "another client starts no release"


@pytest.mark.parametrize(("live", "changed"), [
    ((("web", OLD),), False),
    ((("web", NEW),), True),
    ((("web", OLD), ("worker", OLD)), False),
    ((("web", OLD), ("worker", NEW)), True),
    ((), True),
])  # fmt: skip
def test_containers_are_changed_where_one_has_an_image_that_was_not_recorded(live: Images, changed: bool) -> None:  # noqa: FBT001
    assert were_changed(builders.known(OLD), live) is changed
    assert were_changed(TargetStatus(name="shop"), live) is bool(live)


def test_without_a_record_of_the_images_before_no_command_is_given() -> None:
    seen = with_containers(())
    assert (
        ": somebody else changed it. Put its images back. Or release"
        in image_change_failure(seen, here_of(seen), ()).hint
    )


def test_several_images_that_serve_are_not_named_as_one_to_stay_with() -> None:
    two = (builders.target(images=(("web", OLD), ("worker", NEW))),)
    assert _stay_hint(with_containers(("web", "worker"), targets=two)) == "What serves now serves on."


def test_no_gate_is_asked_without_a_release() -> None:
    with pytest.raises(LookupError, match="shop has no release"):
        builders.flow().release.image.strip()


@pytest.mark.parametrize(("approvals", "message"), [((), "not asked for"), ((Approval.BEFORE_PROMOTION,), "approved")])
def test_the_open_gate_says_whether_a_person_was_asked(approvals: tuple[Approval, ...], message: str) -> None:
    spec = builders.flow_spec(approvals=list(approvals), migration={"tool": "Django", "compatibility": "Additive"})
    seen = promoting(spec=spec, commands=Commands(approve=f"{RELEASE.run}/BeforePromotion"))
    assert promotion_is_approved(seen, RELEASE).verdict == Opened(message=message)


def test_a_target_without_the_container_is_read_again_periodically() -> None:
    other = builders.target(images=(("a", OLD), ("b", OLD)))
    seen = builders.flow(spec=builders.flow_spec(targets=[{"name": "shop", "containers": ["web"]}]), targets=(other,))
    decided = decide(seen)
    ready = condition(decided.status.conditions, "Ready")
    assert ready is not None
    assert (ready.reason, decided.requeue_after) == (Reason.CONTAINER_NOT_FOUND, CONTAINER_POLL_SECONDS)


def test_a_flow_that_is_being_deleted_does_nothing_more() -> None:
    seen = promoting(deleting=True)
    assert decide(seen) == Decision(seen.status)


def test_the_column_of_targets_is_bounded() -> None:
    names = [f"shop-{number:02}-{'x' * 50}" for number in range(8)]
    spec = builders.flow_spec(targets=[{"name": name} for name in names])
    assert len(decide(builders.flow(spec=spec, targets=(ABSENT,) * 8)).status.target_summary) == LONGEST_COLUMN

"""Releases that go well: what is written, in which order, and how often."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.facts import PodPhase
from releaseflow.core.flow.actions import CreateRun, DeleteRun, FenceTarget, SetImage
from releaseflow.core.run.actions import (
    CreateJob,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    StartMigration,
    TakeLock,
)
from releaseflow.core.run.facts import DatabaseState
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import CHECKED, NOTHING_PENDING
from tests.unit.core.world import World

IN_ORDER = [
    FenceTarget,
    CreateRun,
    TakeLock,
    CreateJob,
    CreateJob,
    CreateJob,
    StartMigration,
    SetImage,
    ReleaseLock,
    RemovePodFinalizer,
    RemoveJobFinalizer,
    RemoveFinalizer,
]


def test_a_new_image_is_checked_backed_up_migrated_promoted_and_rolled_out_in_this_order(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    assert [type(action) for action in released.happened] == IN_ORDER
    assert released.image() == NEW
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.release.run_outcome is Reason.MIGRATED
    assert released.flow.status.live_image == NEW
    assert (released.flow.status.wanted_version, released.flow.status.live_version) == ("2", "2")
    assert (released.run.status.version, released.run.status.duration) == ("2", "0s")


def test_a_release_with_all_three_jobs_costs_at_most_twenty_writes(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    assert len(released.writes) <= 20, released.writes


def test_nothing_pending_costs_one_job_and_no_backup(released: World) -> None:
    released.fates[StepType.CHECK] = [NOTHING_PENDING]
    released.edit(image=NEW)
    released.play()
    assert released.count(CreateJob) == 1
    assert released.image() == NEW
    assert released.run.status.outcome is Reason.NOTHING_PENDING
    assert released.run.status.backup_state == "NotNeeded"
    assert len(released.writes) <= 13, released.writes


def test_a_running_migrated_workload_is_adopted_without_a_restart(world: World) -> None:
    world.targets["shop"] = builders.target(NEW)
    world.fates[StepType.CHECK] = [NOTHING_PENDING]
    world.play()
    assert world.ready() == ("True", Reason.RELEASED)
    assert world.release.trigger is Trigger.FIRST_SIGHT
    assert world.count(SetImage) == 0


def test_a_first_install_that_is_pending_is_migrated_and_its_pods_are_restarted_once(world: World) -> None:
    world.targets["shop"] = builders.target(NEW, rollout=Rollout.PROGRESSING)
    world.broken.add(("shop", NEW))
    world.play(until=lambda w: w.count(SetImage) == 1)
    assert world.targets["shop"].restarted_for == 1
    world.broken.clear()
    world.play()
    assert world.count(SetImage) == 1
    assert world.ready() == ("True", Reason.RELEASED)


def test_commands_of_a_new_flow_are_echoed_and_not_acted_on(world: World) -> None:
    world.command(retry="1", abort="1", approve="x", reconcile="1")
    world.play()
    handled = world.flow.status.last_handled
    assert handled is not None
    assert (handled.retry, handled.abort, handled.approve, handled.reconcile) == ("1", "1", "x", "1")
    assert world.release.sequence == 1
    assert world.ready() == ("True", Reason.RELEASED)


def test_a_command_that_does_not_apply_is_echoed_by_one_write_and_changes_nothing_else(released: World) -> None:
    released.command(retry="2", abort="2", reconcile="2")
    released.play()
    assert released.writes == ["shop: status"]
    assert released.release.sequence == 1


def test_the_same_image_again_is_a_new_release_with_its_own_check(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    released.fates[StepType.CHECK] = [NOTHING_PENDING]
    released.edit(image=NEWER)
    released.play()
    released.edit(image=NEW)
    released.play()
    assert (released.release.sequence, released.image()) == (4, NEW)
    assert len(released.flow.status.history) == 3
    assert [old.sequence for old in released.flow.status.history] == [3, 2, 1]


def test_a_changed_database_is_released_with_the_same_image(released: World) -> None:
    released.edit(database={"urlSecretRef": {"name": "other-db", "key": "url"}})
    released.play()
    assert released.release.trigger is Trigger.DATABASE_CHANGED
    assert sorted(released.locks) == ["other-db/url", "shop-db/url"]


def test_other_edits_wait_for_the_next_release(released: World) -> None:
    released.edit(historyLimit=3, approvals=["BeforeMigration"])
    released.play()
    assert released.release.sequence == 1
    assert released.flow.status.observed_generation == released.flow.generation


ADDITIVE = {"tool": "Django", "compatibility": "Additive"}


@pytest.mark.parametrize(("wait", "approves"), [("BeforeMigration", ""), ("BeforePromotion", "/BeforePromotion")])
def test_an_approval_is_waited_for_and_holds_for_its_run_alone(released: World, wait: str, approves: str) -> None:
    released.edit(image=NEW, approvals=[wait], migration=ADDITIVE)
    released.command(approve=f"some-other-run{approves}")
    released.play()
    assert released.ready() == ("Unknown", Reason.AWAITING_APPROVAL)
    assert released.count(StartMigration) == (wait == "BeforePromotion")
    assert released.image() == OLD
    released.command(approve=f"{released.release.run}{approves}")
    released.play()
    assert released.image() == NEW
    assert released.ready() == ("True", Reason.RELEASED)


def test_of_two_approvals_each_is_waited_for_by_itself(released: World) -> None:
    released.edit(image=NEW, approvals=["BeforePromotion", "BeforeMigration"], migration=ADDITIVE)
    released.play()
    promotion = f"{released.release.run}/BeforePromotion"
    released.command(approve=promotion)
    released.play()
    assert released.count(StartMigration) == 0, "who approves the promotion has not approved the migration"
    released.command(approve=released.release.run)
    released.play()
    assert released.count(StartMigration) == 1
    assert released.ready() == ("Unknown", Reason.AWAITING_APPROVAL)
    assert released.image() == OLD, "who approves the migration has not approved the promotion"
    released.command(approve=promotion)
    released.play()
    assert released.ready() == ("True", Reason.RELEASED)


def test_an_approval_of_the_migration_is_none_of_a_promotion_that_is_asked_for_later(released: World) -> None:
    released.edit(image=NEW, approvals=["BeforeMigration"], migration=ADDITIVE)
    released.play()
    released.stays[StepType.MIGRATE] = PodPhase.RUNNING
    released.command(approve=released.release.run)
    released.play()
    released.edit(approvals=["BeforePromotion"])
    released.stays.clear()
    released.play()
    assert released.ready() == ("Unknown", Reason.AWAITING_APPROVAL)
    assert released.image() == OLD


def test_nothing_pending_needs_no_approval_of_a_migration(released: World) -> None:
    released.fates[StepType.CHECK] = [NOTHING_PENDING]
    released.edit(image=NEW, approvals=["BeforeMigration"])
    released.play()
    assert released.image() == NEW


def test_without_a_check_it_is_always_backed_up_and_migrated(released: World) -> None:
    released.edit(image=NEW, migration={"tool": "Django", "check": {"policy": "Never"}})
    released.play()
    assert released.count(CreateJob) == 2
    assert released.image() == NEW


def test_the_lock_is_free_and_clean_after_a_success_and_remembers_that_there_were_tables(released: World) -> None:
    released.edit(image=NEW)
    released.play()
    lock = released.locks["shop-db/url"]
    assert (lock.holder_uid, lock.database, lock.had_tables) == ("", DatabaseState.CLEAN, True)
    assert lock.identity == builders.IDENTITY


def test_old_runs_are_deleted_one_by_one_but_not_those_whose_backups_are_kept(released: World) -> None:
    released.edit(image=NEW, historyLimit=1, backup={"persistentVolumeClaim": {"claimName": "b"}, "retain": 1})
    released.play()
    released.fates[StepType.CHECK] = [NOTHING_PENDING]
    for image in ("acme/shop:5", "acme/shop:6", "acme/shop:7"):
        released.edit(image=image)
        released.play()
    sequences = [run.spec.flow_ref.sequence for run in released.runs.values() if run.spec.flow_ref]
    assert sequences == [2, 5]
    assert released.count(DeleteRun) == 3
    released.fates[StepType.CHECK] = [CHECKED]
    for image in ("acme/shop:8", "acme/shop:9"):
        released.edit(image=image)
        released.play()
    assert 2 not in [run.spec.flow_ref.sequence for run in released.runs.values() if run.spec.flow_ref]


def message(world: World, kind: str) -> str:
    found = condition(world.flow.status.conditions, kind)
    return "" if found is None else found.message


def test_an_open_gate_says_of_which_image_and_which_targets(released: World) -> None:
    released.edit(image=NEW)
    released.play(until=lambda w: w.count(SetImage) == 1 and w.gate("Promoted")[0] == "True")
    assert message(released, "Promoted") == f"{NEW} is in Deployment shop"
    released.play()
    assert message(released, "Promoted") == f"{NEW} is in Deployment shop"
    assert message(released, "RolledOut") == f"{NEW} runs in Deployment shop"


def test_a_moved_tag_is_reported_and_the_flow_stays_released(released: World) -> None:
    released.targets["shop"] = replace(released.targets["shop"], image_ids=("sha256:other",))
    released.edit(image=NEW)
    released.play()
    assert released.gate("RolledOut") == ("True", Reason.IMAGE_DRIFT)
    assert released.ready() == ("True", Reason.RELEASED)
    assert released.release.outcome is Outcome.RELEASED


def test_an_image_that_only_migrates_is_not_compared_with_the_pods(released: World) -> None:
    released.targets["shop"] = replace(released.targets["shop"], image_ids=("sha256:other",))
    released.edit(image=NEW, migration={"tool": "Django", "image": "acme/migrator:$(TAG)"})
    released.play()
    assert released.gate("RolledOut") == ("True", Reason.OPENED)


def test_a_deleted_flow_is_left_alone(released: World) -> None:
    released.flow.deleting = True
    released.edit(image=NEW)
    released.play()
    assert released.writes == []

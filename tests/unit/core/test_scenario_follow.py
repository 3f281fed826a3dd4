"""Flows that follow their targets: a new image there is migrated, and no image is ever written or held back."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.model.objects import Kind
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import NOTHING_PENDING, migration_failed
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
UNGATED = " (ungated: its pods were not held back)"


@pytest.fixture
def follower() -> World:
    """A flow that follows a Deployment, which runs the old image; nothing has happened yet."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(mode="Follow", image=ABSENT)
    return world


def said(world: World) -> str:
    found = condition(world.flow.status.conditions, READY)
    return "" if found is None else found.message


def images_released(world: World) -> list[str]:
    """Return the images that runs were made for, oldest first."""
    runs = sorted(world.runs.values(), key=lambda run: run.spec.flow_ref.sequence if run.spec.flow_ref else 0)
    return [run.spec.image for run in runs]


def test_what_the_target_runs_is_checked_at_first_sight_and_every_new_image_is_migrated(follower: World) -> None:
    follower.fates[CHECK] = [NOTHING_PENDING]
    follower.play()
    assert follower.ready() == ("True", Reason.RELEASED)
    assert said(follower) == f"The database is ready for {OLD}{UNGATED}"
    assert [c.type for c in follower.flow.status.conditions] == ["TargetsFound", "RunSucceeded", "Ready"]
    follower.fates.clear()
    follower.set_image(NEW)
    follower.play()
    assert said(follower) == f"The database is ready for {NEW}{UNGATED}"
    status = follower.flow.status
    assert (status.wanted_image, status.wanted_version, status.live_version) == (NEW, "2", "2")
    assert (images_released(follower), follower.count(StartMigration)) == ([OLD, NEW], 1)
    assert follower.count(SetImage) == 0


def test_a_newer_image_supersedes_a_run_that_has_not_begun_to_migrate(follower: World) -> None:
    follower.play(until=lambda w: any(step is BACKUP for step, _ in w.jobs.values()))
    follower.set_image(NEW)
    follower.play()
    assert follower.flow.status.history[0].outcome is Outcome.SUPERSEDED
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))
    assert follower.count(StartMigration) == 1


def test_a_newer_image_waits_for_a_migration_that_has_begun(follower: World) -> None:
    follower.play(until=lambda w: w.count(StartMigration) == 1)
    follower.set_image(NEW)
    follower.play()
    assert follower.flow.status.history[0].migrated
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))
    assert follower.count(StartMigration) == 2


def test_a_failed_migration_says_that_its_pods_run_and_a_newer_image_starts_nothing(follower: World) -> None:
    follower.fates[MIGRATE] = [migration_failed()]
    follower.play()
    assert follower.ready() == ("False", Reason.MIGRATION_FAILED)
    assert said(follower).startswith(f"{OLD} is not released{UNGATED}. Migrate failed: ")
    follower.set_image(NEW)
    follower.play()
    assert (follower.release.image, follower.ready()) == (OLD, ("False", Reason.MIGRATION_FAILED))
    follower.fates.clear()
    follower.command(retry="1")
    follower.play()
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))


def test_an_older_image_waits_for_a_person_after_a_breaking_migration(follower: World) -> None:
    follower.play()
    follower.set_image(NEW)
    follower.play()
    follower.set_image(OLD)
    follower.play()
    assert follower.ready() == ("False", Reason.SCHEMA_AHEAD)
    assert "Its pods were not held back. Put back a newer image or" in said(follower)
    assert follower.image() == OLD
    follower.command(approve=follower.release.run)
    follower.play()
    assert follower.ready() == ("True", Reason.RELEASED)


def test_a_target_that_is_not_there_is_waited_for(follower: World) -> None:
    follower.remove(Kind.TARGET, "shop")
    follower.play()
    assert follower.ready() == ("Unknown", Reason.TARGET_NOT_FOUND)
    assert (follower.flow.status.wanted_version, follower.flow.status.release) == ("", None)
    follower.targets["shop"] = builders.target()
    follower.play()
    assert follower.ready() == ("True", Reason.RELEASED)


def test_a_target_that_is_made_again_is_followed_and_its_image_is_not_migrated_twice(follower: World) -> None:
    follower.play()
    follower.targets["shop"] = builders.target(uid="another-uid")
    follower.play()
    assert (follower.release.sequence, follower.ready()) == (1, ("True", Reason.RELEASED))
    assert follower.flow.status.targets[0].uid == "another-uid"


def test_one_of_several_containers_has_to_be_named(follower: World) -> None:
    two = (("web", OLD), ("proxy", "acme/proxy:7"))
    follower.targets["shop"] = replace(follower.targets["shop"], images=two)
    follower.play()
    assert follower.ready() == ("Unknown", Reason.CONTAINER_NOT_FOUND)
    follower.edit(targets=[{"name": "shop", "containers": ["web"]}])
    follower.play()
    assert (follower.ready(), follower.release.image) == (("True", Reason.RELEASED), OLD)
    follower.targets["shop"] = replace(follower.targets["shop"], images=(("web", OLD), ("proxy", "acme/proxy:8")))
    follower.play()
    assert follower.release.sequence == 1, "a container that is not followed starts nothing"


def test_a_new_image_in_any_target_is_migrated_once_and_one_that_follows_it_is_no_news(follower: World) -> None:
    follower.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    follower.edit(targets=[{"name": "shop"}, {"name": "worker"}])
    follower.play()
    follower.set_image(NEW, "worker")
    follower.play()
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))
    follower.set_image(NEW, "shop")
    follower.play()
    assert images_released(follower) == [OLD, NEW]
    follower.set_image(NEWER, "shop")
    follower.play()
    assert images_released(follower) == [OLD, NEW, NEWER]


def test_a_target_of_another_repository_is_no_news(follower: World) -> None:
    follower.targets["assets"] = builders.target(name="assets", uid="assets-uid", image="acme/assets:1")
    follower.edit(targets=[{"name": "shop"}, {"name": "assets"}])
    follower.play()
    follower.set_image("acme/assets:2", "assets")
    follower.play()
    assert images_released(follower) == [OLD]


def test_an_image_from_which_no_release_can_begin_is_said_and_holds_nothing_up_for_ever(follower: World) -> None:
    follower.play()
    follower.set_image("acme/shop:2@sha256:abc")
    follower.play()
    assert follower.ready() == ("False", Reason.IMAGE_INVALID)
    assert said(follower).startswith("acme/shop:2@sha256:abc has no whole digest after its '@'")
    follower.set_image(NEW)
    follower.play()
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))


def test_the_tag_for_the_migrations_image_has_to_be_there(follower: World) -> None:
    follower.edit(migration={"tool": "Django", "image": "acme/migrator:$(TAG)"})
    follower.set_image("acme/shop")
    follower.play()
    assert follower.ready() == ("False", Reason.IMAGE_INVALID)
    assert "has $(TAG)" in said(follower)


def test_suspended_it_starts_nothing(follower: World) -> None:
    follower.play()
    follower.edit(suspend=True)
    follower.set_image(NEW)
    follower.play()
    assert follower.ready() == ("Unknown", Reason.SUSPENDED)
    assert said(follower).startswith(f"{NEW} is not released yet")
    follower.edit(suspend=False)
    follower.play()
    assert (follower.release.image, follower.ready()) == (NEW, ("True", Reason.RELEASED))


def test_a_flow_that_begins_to_follow_leaves_what_it_released_and_one_that_promotes_again_goes_on(
    released: World,
) -> None:
    released.edit(mode="Follow", image=ABSENT)
    released.play()
    assert (released.release.sequence, said(released)) == (1, f"The database is ready for {OLD}{UNGATED}")
    released.set_image(NEW)
    released.play()
    assert (released.release.image, released.ready()) == (NEW, ("True", Reason.RELEASED))
    released.edit(mode="Promote", image=NEW)
    released.play()
    assert (released.release.sequence, said(released)) == (2, f"{NEW} is released")
    released.edit(image=NEWER)
    released.play()
    assert (released.image(), said(released)) == (NEWER, f"{NEWER} is released")


def test_a_flow_that_begins_to_follow_puts_nothing_back_any_more(released: World) -> None:
    released.edit(
        image=NEW,
        migration={"tool": "Django", "compatibility": "Additive"},
        promotion={"onRolloutFailure": "Rollback"},
    )
    released.broken.add(("shop", NEW))
    released.play()
    assert released.ready() == ("False", Reason.ROLLED_BACK)
    released.broken.clear()
    released.edit(mode="Follow", image=ABSENT, promotion={})
    released.play()
    assert released.count(SetImage) == 2, "the promotion, and its way back"
    released.set_image(NEWER)
    released.play()
    assert (released.release.image, released.image(), released.ready()[0]) == (NEWER, NEWER, "True")
    assert released.targets["shop"].rollout is Rollout.COMPLETE
    assert released.count(SetImage) == 2

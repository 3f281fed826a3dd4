"""The stories whose flows and runs Argo CD is shown: one for each thing that may be said of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, PodPhase
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import CHECKED, NOTHING_PENDING, migration_failed
from tests.unit.core.objects import Run
from tests.unit.core.world import World

CHECK, MIGRATE = StepType.CHECK, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}


def _adopted() -> World:
    """A flow that has adopted the old image."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(image=OLD)
    world.fates[CHECK] = [NOTHING_PENDING]
    world.play()
    world.fates.clear()
    world.happened.clear()
    return world


def _new() -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow()
    return world


def _promoted(**spec: Any) -> World:
    """A flow that was played with the new image until it rests."""
    world = _adopted()
    world.edit(image=NEW, **spec)
    return world.play()


def _stale() -> World:
    world = _promoted()
    world.edit(image=NEWER)
    return world


def _migrating() -> World:
    world = _adopted()
    world.stays[MIGRATE] = PodPhase.RUNNING
    world.edit(image=NEW)
    return world.play()


def _held() -> World:
    world = World()
    world.targets["shop"] = builders.target(gated_by="shop")
    world.add_flow(mode="Gate", image=ABSENT)
    world.fates[CHECK] = [NOTHING_PENDING]
    world.play()
    world.fates.clear()
    world.happened.clear()
    world.stays[MIGRATE] = PodPhase.RUNNING
    world.set_image(NEW)
    return world.play()


def _migration_failed() -> World:
    world = _adopted()
    world.fates[MIGRATE] = [migration_failed()]
    world.edit(image=NEW)
    return world.play()


def _rollout_failed() -> World:
    world = _adopted()
    world.broken.add(("shop", NEW))
    world.edit(image=NEW)
    return world.play()


def _schema_ahead() -> World:
    world = _promoted()
    world.edit(image=OLD)
    return world.play()


def _aborted() -> World:
    world = _promoted(approvals=["BeforeMigration"])
    world.command(abort="1")
    return world.play()


def _suspended() -> World:
    world = _promoted()
    world.edit(suspend=True)
    return world.play()


def _suspended_with_a_new_image() -> World:
    world = _adopted()
    world.edit(suspend=True)
    world.play()
    world.edit(image=NEW)
    return world.play()


def _contract(*, approved: bool) -> World:
    world = _adopted()
    world.edit(image=NEW, migration=ADDITIVE, contract={"soakSeconds": 3600})
    world.edit(approvals=ABSENT if approved else ["BeforeContract"])
    world.play()
    world.fates[CHECK] = [CHECKED]
    world.fates[MIGRATE] = [migration_failed()]
    world.wait(3600)
    return world.play()


FLOWS: dict[str, Callable[[], World]] = {
    "new": _new,
    "stale": _stale,
    "migrating": _migrating,
    "held": _held,
    "released": _promoted,
    "migration_failed": _migration_failed,
    "rollout_failed": _rollout_failed,
    "schema_ahead": _schema_ahead,
    "aborted": _aborted,
    "awaiting_migration": partial(_promoted, approvals=["BeforeMigration"]),
    "awaiting_promotion": partial(_promoted, approvals=["BeforePromotion"], migration=ADDITIVE),
    "awaiting_contract": partial(_contract, approved=False),
    "contract_failed": partial(_contract, approved=True),
    "suspended": _suspended,
    "suspended_with_a_new_image": _suspended_with_a_new_image,
}


def _made_by_hand(**spec: Any) -> Run:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_run("by-hand", builders.run_spec(**spec).model_copy(update={"flow_ref": None}))
    return world.play().runs["by-hand"]


def _new_run() -> Run:
    world = World()
    return world.add_run("by-hand", builders.run_spec().model_copy(update={"flow_ref": None}))


def _superseded() -> Run:
    world = _promoted(approvals=["BeforeMigration"])
    run = world.run
    world.edit(image=NEWER)
    world.play()
    return run


RUNS: dict[str, Callable[[], Run]] = {
    "new": _new_run,
    "migrating": lambda: _migrating().run,
    "migrated": lambda: _promoted().run,
    "migration_failed": lambda: _migration_failed().run,
    "superseded": _superseded,
    "awaiting_migration": lambda: _promoted(approvals=["BeforeMigration"]).run,
    "awaiting_migration_by_hand": partial(_made_by_hand, approvalRequired=True),
}

"""What was seen in some stories, decision by decision: the states from which anything may happen next."""

from functools import cache
from types import UnionType
from typing import Any

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, PendingCause, PodPhase
from releaseflow.core.flow import decide as flow_core
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.run import decide as run_core
from releaseflow.core.run.facts import RunObserved
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import (
    BACKED_UP,
    NOTHING_PENDING,
    backed_up,
    backup_failed,
    migrated,
    migration_failed,
)
from tests.unit.core.world import World

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
LOWER, HIGHER = "2 applied, last: 2", "3 applied, last: 3"
ADDITIVE = {"tool": "Django", "compatibility": "Additive"}


@cache
def runs(before: type | UnionType | None = None) -> tuple[RunObserved, ...]:
    """Return the runs as they were seen in the stories; where asked for, just before an action of a kind."""
    seen = (seen for world in _worlds() for seen in world.seen_runs)
    return tuple(run for run in seen if before is None or isinstance(run_core.decide(run).action, before))


@cache
def flows(before: type | UnionType | None = None) -> tuple[FlowObserved, ...]:
    """Return the flows as they were seen in the stories; where asked for, just before an action of a kind."""
    seen = (seen for world in _worlds() for seen in world.seen_flows)
    return tuple(flow for flow in seen if before is None or isinstance(flow_core.decide(flow).action, before))


@cache
def _worlds() -> tuple[World, ...]:
    return tuple(
        story()
        for story in (
            _approved,
            _given_up,
            _failed,
            _superseded,
            _put_off,
            _two_targets,
            _parallel,
            _at_rest,
            _by_hand,
            _down,
            _without_backup,
            _migrate_only,
            _gated,
        )
    )


def _begun(**spec: Any) -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(**spec)
    return world


def _release(world: World) -> Release:
    assert world.flow.status.release is not None
    return world.flow.status.release


def _approved() -> World:
    world = _begun(approvals=["BeforeMigration"])
    world.fates[BACKUP] = [backup_failed("ConnectionFailed"), BACKED_UP]
    world.play()
    world.wait(60)
    world.play()
    world.command(approve=_release(world).run)
    return world.play()


def _given_up() -> World:
    world = _begun()
    world.stays[MIGRATE] = PodPhase.PENDING
    world.pending_causes[MIGRATE] = PendingCause(Reason.IMAGE_PULL_FAILED, "back-off " * 50)
    world.play()
    world.wait(400)
    return world.play()


def _failed() -> World:
    """A migration fails; its run vanishes in the retry, and another retry takes the lock over."""
    world = _begun()
    world.fates[MIGRATE] = [migration_failed()]
    world.play()
    world.command(retry="1")
    world.play(until=lambda w: _release(w).sequence == 2 and bool(w.locks["shop-db/url"].holder_uid))
    del world.runs[_release(world).run]
    world.play()
    world.fates.clear()
    world.command(retry="2")
    return world.play()


def _superseded() -> World:
    world = _begun()
    world.play(until=lambda w: any(step is MIGRATE for step, _ in w.jobs.values()))
    world.edit(image=NEWER)
    return world.play()


def _put_off() -> World:
    """Another image is wanted before anything is known of the database."""
    world = _begun()
    world.play(until=lambda w: any(step is CHECK for step, _ in w.jobs.values()))
    world.edit(image=NEWER)
    return world.play()


def _two_targets() -> World:
    world = _begun(targets=[{"name": "shop"}, {"name": "worker"}], promotion={"onRolloutFailure": "Rollback"})
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    world.edit(migration=ADDITIVE, approvals=["BeforePromotion"])
    world.broken.add(("worker", NEW))
    world.play()
    world.command(approve=f"{_release(world).run}/BeforePromotion")
    return world.play()


def _parallel() -> World:
    """Two targets are moved at once: both come up, and with the next image one does not."""
    promotion = {"order": "Parallel", "onRolloutFailure": "Rollback"}
    world = _begun(targets=[{"name": "shop"}, {"name": "worker"}], promotion=promotion, migration=ADDITIVE)
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid")
    world.play()
    world.broken.add(("worker", NEWER))
    world.edit(image=NEWER)
    return world.play()


def _at_rest() -> World:
    """A first install that is pending, a release that has nothing to do, and old runs to delete."""
    world = _begun(historyLimit=1)
    world.targets["shop"] = builders.target(NEW, rollout=Rollout.PROGRESSING)
    world.play()
    world.fates[CHECK] = [NOTHING_PENDING]
    for image in (OLD, NEWER):
        world.edit(image=image, migration=ADDITIVE)
        world.play()
        world.command(approve=_release(world).run)
        world.play()
    world.set_image("evil:1")
    return world.play()


def _by_hand() -> World:
    world = _begun()
    world.flows.clear()
    facts = builders.run_spec().model_dump(by_alias=True, exclude_none=True) | {"flowRef": None}
    world.add_run("by-hand", MigrationRunSpec.model_validate(facts))
    return world.play()


def _down() -> World:
    """A run by hand is approved, and goes down to what an earlier one found."""
    world = _begun(suspend=True, migration={"tool": "Rails"})
    spec = builders.run_spec(flowRef=None, migration={"tool": "Rails"})
    over = world.add_run("earlier", spec)
    before = SchemaStatus(version=LOWER, fingerprint=builders.BEFORE)
    over.status = MigrationRunStatus(outcome=Reason.MIGRATED, schema_before=before, database_identity=builders.IDENTITY)
    world.fates = {
        BACKUP: [backed_up(builders.backup_says(schemaVersion=HIGHER))],
        MIGRATE: [migrated(builders.schema_says(schemaVersion=LOWER))],
    }
    goes = {"operation": "Down", "down": {"runName": "earlier"}, "approvalRequired": True}
    world.add_run("undo", MigrationRunSpec.model_validate(spec.model_dump(by_alias=True, exclude_none=True) | goes))
    world.play()
    world.approve_run("undo", "undo")
    return world.play()


def _without_backup() -> World:
    """A migration without a backup succeeds, and the next one fails."""
    world = _begun(backup=builders.NO_BACKUP)
    world.play()
    world.fates[MIGRATE] = [migration_failed()]
    world.edit(image=NEWER)
    return world.play()


def _migrate_only() -> World:
    """A flow without targets migrates, is aborted once, and has nothing to do with the image after that."""
    world = _begun(targets=ABSENT)
    world.play()
    world.edit(image=NEWER)
    world.play(until=lambda w: any(step is BACKUP for step, _ in w.jobs.values()) and w.release.sequence == 2)
    world.command(abort="1")
    world.play()
    world.fates[CHECK] = [NOTHING_PENDING]
    world.command(retry="1")
    return world.play()


def _gated() -> World:
    """Admission holds two targets: an image fails, one is repaired, and another comes late to what was released."""
    targets = [{"name": "shop"}, {"name": "worker"}]
    world = World()
    world.targets["shop"] = builders.target(gated_by="shop")
    world.targets["worker"] = builders.target(name="worker", uid="worker-uid", gated_by="shop")
    world.add_flow(mode="Gate", image=ABSENT, targets=targets)
    world.fates[CHECK] = [NOTHING_PENDING]
    world.play()
    world.fates = {MIGRATE: [migration_failed()]}
    world.set_image(NEW)
    world.play()
    world.fates.clear()
    world.set_image(NEWER)
    world.command(retry="1")
    world.play()
    world.set_image(NEWER, "worker")
    world.play()
    world.break_glass("evil:1")
    return world.play()

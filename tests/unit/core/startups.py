"""Releases whose migration runs as the first target starts, brought to where a test begins."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.flow.actions import StartTarget
from releaseflow.core.run.actions import CreateJob
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.unit.core.world import World

AT_STARTUP = {"tool": "Django", "runIn": "Startup"}


def alone() -> World:
    """Return a flow that wants the new image, over a Deployment that never runs two pods at once."""
    world = World()
    world.targets["shop"] = builders.target(is_alone=True)
    world.add_flow(migration=AT_STARTUP)
    return world


def started(world: World) -> World:
    """Let image and migration be written."""
    return world.play(until=lambda w: w.count(StartTarget) == 1)


def opened(world: World, gate: str) -> World:
    """Let a gate of the flow open."""
    return world.play(until=lambda w: any((c.type, c.status) == (gate, "True") for c in w.flow.status.conditions))


def ready_to_start(world: World) -> World:
    """Let the run record that the migration may begin."""
    return world.play(
        until=lambda w: any(s.type is StepType.MIGRATE for run in w.runs.values() for s in run.status.steps)
    )


def jobs_made(world: World) -> list[StepType]:
    """Return the steps for which a Job was made, in order."""
    return [action.step for action in world.happened if isinstance(action, CreateJob)]


def ended(world: World, reason: Reason, database: DatabaseState) -> str:
    """See that a run ended so, and that nothing starts on its database; return the flow's hint."""
    assert (world.run.status.outcome, world.ready()) == (reason, ("False", reason))
    assert world.locks["shop-db/url"].database is database
    assert world.locks["shop-db/url"].holder_uid == ""
    assert world.flow.status.failure is not None
    return world.flow.status.failure.hint

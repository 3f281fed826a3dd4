"""Worlds that stories begin in."""

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from tests.support import builders
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.world import World


@pytest.fixture
def world() -> World:
    """A flow that wants the new image over a Deployment that runs the old one; nothing has happened yet."""
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow()
    return world


@pytest.fixture
def released(world: World) -> World:
    """A flow that has adopted the old image; nothing is wanted."""
    world.edit(image=builders.OLD)
    world.adopt()
    return world


@pytest.fixture
def gated() -> World:
    """A flow with mode Gate whose Deployment runs the old image, which was checked at first sight."""
    world = World()
    world.targets["shop"] = builders.target(gated_by="shop")
    world.add_flow(mode="Gate", image=ABSENT)
    world.fates[StepType.CHECK] = [NOTHING_PENDING]
    world.play()
    world.fates.clear()
    return world

"""Whatever is observed: the console comes first, then its run, then the targets."""

from dataclasses import replace
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.actions import CreateRun, SetImage
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.facts import Fence, FlowObserved, TargetFacts
from releaseflow.core.outcomes import SUCCESSFUL
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.pod_outcomes import CONNECTION_LOST, MIGRATED, migration_failed
from tests.unit.core.alternatives import TARGET
from tests.unit.core.strategies import MANY, OF_FLOWS, otherwise
from tests.unit.core.test_scenario_running_container import CONSOLE, MIGRATE, add
from tests.unit.core.world import World


@cache
def seen_in_stories() -> tuple[FlowObserved, ...]:
    """Return what was seen of flows whose migrations are executed in a console, before each write."""
    seen: list[FlowObserved] = []
    for fates in ([MIGRATED], [CONNECTION_LOST], [migration_failed()]):
        for broken in (set[tuple[str, str]](), {(CONSOLE, builders.NEW)}):
            world = World(broken=broken, fates={MIGRATE: list(fates)})
            add(world, "shop")
            add(world, CONSOLE)
            world.add_flow(migration=builders.executed())
            world.play()
            seen += world.seen_flows
    return tuple(seen)


@st.composite
def observed(draw: st.DrawFn) -> FlowObserved:
    """Return a flow of some story, with some of the facts about its console, and about all else, otherwise."""
    seen: FlowObserved = draw(st.sampled_from(seen_in_stories()))
    if draw(st.booleans()) and isinstance(seen.runner, TargetFacts):
        gone = draw(st.integers(0, 9)) == 0
        seen = replace(seen, runner=ABSENT if gone else otherwise(draw, seen.runner, TARGET))
    for _ in range(draw(st.integers(0, 3))):
        seen = draw(st.sampled_from(OF_FLOWS))(draw, seen)
    return seen


@MANY
@given(observed())
def test_a_run_is_created_only_where_the_console_is_fenced_and_runs_the_image(seen: FlowObserved) -> None:
    action = decide(seen).action
    if not isinstance(action, CreateRun) or action.spec.migration.running_container is None:
        return
    release, runner = seen.release, seen.runner
    assert isinstance(runner, TargetFacts)
    assert runner.fence == Fence(seen.name, seen.uid, release.sequence)
    assert (dict(runner.images)["web"], runner.rollout) == (release.image, Rollout.COMPLETE)
    assert not runner.deleting


@MANY
@given(observed())
def test_the_console_is_moved_only_before_a_run_and_a_target_only_after_it_has_succeeded(seen: FlowObserved) -> None:
    action = decide(seen).action
    if not isinstance(action, SetImage):
        return
    if action.name == CONSOLE:
        assert seen.run is ABSENT
        assert not seen.spec.suspend
    elif action.images and seen.release.image in dict(action.images).values():
        succeeded = seen.run is not ABSENT and seen.run.outcome in SUCCESSFUL
        assert succeeded or seen.release.run_outcome in SUCCESSFUL


def test_the_stories_lead_to_every_action() -> None:
    actions = [decide(seen).action for seen in seen_in_stories()]
    moved = {action.name for action in actions if isinstance(action, SetImage)}
    assert moved == {CONSOLE, "shop"}
    assert any(isinstance(action, CreateRun) for action in actions)

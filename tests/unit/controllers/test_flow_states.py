"""What the cache shows of flows for their gauges."""

from datetime import UTC, datetime

from releaseflow.cache.cache import Cache
from releaseflow.controllers.flow.states import flow_states
from releaseflow.kube.resources import Resource
from releaseflow.reporting.gauges import FlowCondition
from tests.support import objects
from tests.support.objects import Object

STALLED = [
    {"type": "Migrated", "status": "False", "reason": "MigrationFailed"},
    {"type": "Ready", "status": "False", "reason": "MigrationFailed"},
    {"type": "Stalled", "status": "True", "reason": "MigrationFailed"},
]
OTHER_UID = "0b5f6a0e-0000-4000-8000-000000000009"


def at(hour: int) -> str:
    return f"2026-11-23T{hour:02}:00:00Z"


def seconds(hour: int) -> float:
    return datetime(2026, 11, 23, hour, tzinfo=UTC).timestamp()


def backed_up(name: str, hour: int, size: int, flow_uid: str = objects.FLOW_UID) -> Object:
    status = {"backup": {"completionTime": at(hour), "sizeBytes": size}}
    return objects.run(name, f"uid-{name}", status=status, flowRef={"name": "shop", "uid": flow_uid, "sequence": 1})


def view_of(flow: Object, *runs: Object) -> Cache:
    cache = Cache()
    cache.upsert(Resource.FLOW, flow)
    for run in runs:
        cache.upsert(Resource.RUN, run)
    return cache


def test_a_flow_is_measured_by_the_conditions_that_every_client_knows() -> None:
    (state,) = flow_states(view_of(objects.flow(status={"conditions": STALLED})))

    assert (state.namespace, state.name) == ("shop", "shop")
    assert state.conditions == (
        FlowCondition("Ready", "False", "MigrationFailed"),
        FlowCondition("Stalled", "True", "MigrationFailed"),
    )


def test_a_flow_that_was_not_seen_yet_has_no_conditions_and_no_times() -> None:
    (state,) = flow_states(view_of(objects.flow()))

    assert (state.conditions, state.release_start, state.backup) == ((), (), ())


def test_a_release_has_a_start_while_it_is_under_way() -> None:
    under_way = {"release": {"startTime": at(12)}}
    over = {"release": {"startTime": at(12), "outcome": "Released"}}

    assert [flow_states(view_of(objects.flow(status=status)))[0].release_start for status in (under_way, over)] == [
        (seconds(12),),
        (),
    ]


def test_the_newest_backup_of_the_flows_own_runs_counts() -> None:
    runs = (
        backed_up("shop-1", 9, 100),
        backed_up("shop-3", 11, 300),
        backed_up("shop-2", 10, 200),
        objects.run("shop-4", "uid-shop-4"),
        backed_up("other-1", 12, 999, OTHER_UID),
    )

    (state,) = flow_states(view_of(objects.flow(), *runs))

    assert state.backup == ((seconds(11), 300),)


def test_a_flow_that_is_gone_has_no_metrics() -> None:
    cache = view_of(objects.flow())
    cache.evict(Resource.FLOW, "shop", "shop")

    assert flow_states(cache) == ()

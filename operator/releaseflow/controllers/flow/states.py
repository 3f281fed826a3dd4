"""The state of each flow for its gauges, read from the cache unparsed: a scrape must not cost a parse of each run."""

from releaseflow.cache.cache import Cache
from releaseflow.cache.store import by_flow
from releaseflow.core.conditions import READY, RECONCILING, STALLED
from releaseflow.core.flow.contract import CONTRACTED
from releaseflow.kube.resources import Resource
from releaseflow.reporting.gauges import FlowCondition, FlowState
from releaseflow.unstructured import (
    Object,
    get_int,
    get_list,
    get_map,
    get_str,
    get_time,
    name_of,
    namespace_of,
    uid_of,
)

_TOLD = frozenset({CONTRACTED, READY, RECONCILING, STALLED})


def flow_states(cache: Cache) -> tuple[FlowState, ...]:
    """Return the measured state of each flow in a cache."""
    return tuple(_state(cache, raw) for raw in cache.list_all(Resource.FLOW))


def _state(cache: Cache, flow: Object) -> FlowState:
    runs = cache.indexed(Resource.RUN, namespace_of(flow), by_flow(uid_of(flow)))
    return FlowState(
        namespace_of(flow),
        name_of(flow),
        conditions=tuple(_conditions(flow)),
        release_start=_release_start(flow),
        backup=tuple(sorted(backup for run in runs for backup in _backup(run)))[-1:],
    )


def _conditions(flow: Object) -> list[FlowCondition]:
    return [
        FlowCondition(get_str(found, "type"), get_str(found, "status"), get_str(found, "reason"))
        for found in get_list(flow, "status", "conditions")
        if get_str(found, "type") in _TOLD
    ]


def _release_start(flow: Object) -> tuple[float, ...]:
    release = get_map(flow, "status", "release")
    began = get_time(release, "startTime")
    return (began.timestamp(),) if began is not None and not get_str(release, "outcome") else ()


def _backup(run: Object) -> tuple[tuple[float, int], ...]:
    done = get_time(run, "status", "backup", "completionTime")
    return ((done.timestamp(), get_int(run, "status", "backup", "sizeBytes")),) if done is not None else ()

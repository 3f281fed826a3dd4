"""What the view shows of each flow, for its gauges; read straight, since a scrape must not cost a parse of each run."""

from releaseflow.cache.cache import View
from releaseflow.cache.store import of_flow
from releaseflow.core.conditions import READY, RECONCILING, STALLED
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, moment, name_of, namespace_of, number, part, parts, text, uid_of
from releaseflow.reporting.gauges import FlowCondition, FlowState

_TOLD = frozenset({READY, RECONCILING, STALLED})


def flow_states(view: View) -> tuple[FlowState, ...]:
    """Return what is told of each flow in a view."""
    seen = [view.get(key.kind, key.namespace, key.name) for key in view.keys(Kind.FLOW)]
    return tuple(_state(view, raw) for raw in seen if raw is not None)


def _state(view: View, flow: Raw) -> FlowState:
    runs = view.group(Kind.RUN, namespace_of(flow), of_flow(uid_of(flow)))
    return FlowState(
        namespace_of(flow),
        name_of(flow),
        conditions=tuple(_conditions(flow)),
        release_start=_release_start(flow),
        backup=tuple(sorted(backup for run in runs for backup in _backup(run)))[-1:],
    )


def _conditions(flow: Raw) -> list[FlowCondition]:
    return [
        FlowCondition(text(found, "type"), text(found, "status"), text(found, "reason"))
        for found in parts(flow, "status", "conditions")
        if text(found, "type") in _TOLD
    ]


def _release_start(flow: Raw) -> tuple[float, ...]:
    release = part(flow, "status", "release")
    began = moment(release, "startTime")
    return (began.timestamp(),) if began is not None and not text(release, "outcome") else ()


def _backup(run: Raw) -> tuple[tuple[float, int], ...]:
    done = moment(run, "status", "backup", "completionTime")
    return ((done.timestamp(), number(run, "status", "backup", "sizeBytes")),) if done is not None else ()

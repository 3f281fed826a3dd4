"""What is true at the moment of a scrape, as gauges: each flow as the leader sees it, and the process itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric

from releaseflow.reporting import measures
from releaseflow.reporting.measures import Measure


@dataclass(frozen=True)
class FlowCondition:
    """One condition of a flow."""

    type: str
    status: str
    reason: str


@dataclass(frozen=True)
class FlowState:
    """The measured state of one flow."""

    namespace: str
    name: str
    conditions: tuple[FlowCondition, ...] = ()
    release_start: tuple[float, ...] = ()
    """When the release that is under way was started; empty where none is."""
    backup: tuple[tuple[float, int], ...] = ()
    """When the newest proven backup was completed, and its bytes; empty where there is none."""


@dataclass(frozen=True)
class Snapshot:
    """What is true at the moment of a scrape."""

    version: str
    leads: bool
    queue_depth: int
    flows: tuple[FlowState, ...] = ()


def gauges(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the gauges of a moment."""
    yield _gauge(measures.LEADER, [((), float(snapshot.leads))])
    yield _gauge(measures.BUILD_INFO, [((snapshot.version,), 1.0)])
    yield _gauge(measures.QUEUE_DEPTH, [((), float(snapshot.queue_depth))])
    places = [((flow.namespace, flow.name), flow) for flow in snapshot.flows]
    conditions = [
        ((*place, seen.type, seen.status, seen.reason), 1.0) for place, flow in places for seen in flow.conditions
    ]
    yield _gauge(measures.FLOW_CONDITION, conditions)
    yield _gauge(measures.FLOW_RELEASE_START, [(place, at) for place, flow in places for at in flow.release_start])
    yield _gauge(measures.FLOW_BACKUP_TIME, [(place, at) for place, flow in places for at, _ in flow.backup])
    yield _gauge(measures.FLOW_BACKUP_SIZE, [(place, size) for place, flow in places for _, size in flow.backup])


def _gauge(measure: Measure, samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(measure.name, measure.help, labels=measure.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family

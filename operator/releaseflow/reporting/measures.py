"""What Prometheus can read: the name, type and labels of each metric, written once."""

from dataclasses import dataclass
from enum import StrEnum

STEP_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0)
"""Seconds that a Job, or a whole release, takes: from a check of nothing to the backup of a large database."""
RECONCILE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
QUEUE_BUCKETS = (0.001, 0.01, 0.1, 1.0, 5.0, 15.0, 60.0, 300.0)


class Type(StrEnum):
    """What kind of metric it is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Measure:
    """One metric."""

    type: Type
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


FLOW_CONDITION = Measure(
    Type.GAUGE,
    "releaseflow_flow_condition",
    "1 for each condition Ready, Reconciling, Stalled and Contracted that a flow has, with its status and reason.",
    ("namespace", "name", "condition", "status", "reason"),
)
FLOW_RELEASE_START = Measure(
    Type.GAUGE,
    "releaseflow_flow_release_start_timestamp_seconds",
    "When the release that is under way was started; absent where none is.",
    ("namespace", "name"),
)
FLOW_BACKUP_TIME = Measure(
    Type.GAUGE,
    "releaseflow_flow_backup_timestamp_seconds",
    "When the newest proven backup of a flow's runs was completed.",
    ("namespace", "name"),
)
FLOW_BACKUP_SIZE = Measure(
    Type.GAUGE,
    "releaseflow_flow_backup_size_bytes",
    "Size of the newest proven backup of a flow's runs.",
    ("namespace", "name"),
)
RELEASES = Measure(Type.COUNTER, "releaseflow_releases_total", "Releases that ended, by outcome.", ("outcome",))
RELEASE_DURATION = Measure(
    Type.HISTOGRAM,
    "releaseflow_release_duration_seconds",
    "Time from the start of a release to its outcome, by the times in the flow's status.",
    ("outcome",),
    STEP_BUCKETS,
)
STEP_DURATION = Measure(
    Type.HISTOGRAM,
    "releaseflow_run_step_duration_seconds",
    "Time from the start of a run's step to its outcome, by the times in the run's status; each attempt counts.",
    ("step", "outcome"),
    STEP_BUCKETS,
)
QUEUE_DEPTH = Measure(Type.GAUGE, "releaseflow_workqueue_depth", "Objects that wait for a worker.")
QUEUE_DURATION = Measure(
    Type.HISTOGRAM,
    "releaseflow_workqueue_queue_duration_seconds",
    "Time that an object waits for a worker.",
    buckets=QUEUE_BUCKETS,
)
RECONCILES = Measure(
    Type.COUNTER,
    "releaseflow_reconcile_total",
    "Reconciliations that ended, by kind of object and result.",
    ("controller", "result"),
)
RECONCILE_DURATION = Measure(
    Type.HISTOGRAM,
    "releaseflow_reconcile_duration_seconds",
    "Time that a reconciliation takes.",
    ("controller",),
    RECONCILE_BUCKETS,
)
API_REQUESTS = Measure(
    Type.COUNTER,
    "releaseflow_api_requests_total",
    "Requests to the API server, by HTTP status code; code is <error> where no answer came.",
    ("verb", "resource", "code"),
)
LEADER = Measure(Type.GAUGE, "releaseflow_leader", "1 where this process leads, 0 where it is a standby.")
BUILD_INFO = Measure(Type.GAUGE, "releaseflow_build_info", "1, with the version of the operator.", ("version",))

OF_FLOWS = (FLOW_CONDITION, FLOW_RELEASE_START, FLOW_BACKUP_TIME, FLOW_BACKUP_SIZE)
"""Gauges of what the leader sees of each flow; they vanish with the flow."""
OF_THE_PROCESS = (QUEUE_DEPTH, QUEUE_DURATION, RECONCILES, RECONCILE_DURATION, API_REQUESTS, LEADER, BUILD_INFO)
OF_TRANSITIONS = (RELEASES, RELEASE_DURATION, STEP_DURATION)
"""Counted by the process that wrote the status that says so."""

"""What each sink makes of a status that was written."""

from dataclasses import replace

from structlog.testing import capture_logs

from releaseflow.api.v1alpha1.conditions import Condition, ConditionStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.reporting.events import EventRecord, ObjectReference
from releaseflow.reporting.gauges import Snapshot
from releaseflow.reporting.metrics import Metrics, exposition
from releaseflow.reporting.sinks.registry import all_sinks
from releaseflow.reporting.sinks.sink import SinkContext, Transition
from tests.support import objects

FLOW = ObjectReference("releaseflow.dev/v1alpha1", "ReleaseFlow", "shop", "shop", "u")
TARGET = ObjectReference("apps/v1", "Deployment", "shop", "shop", "v")
RELEASE = Release(sequence=1, image="shop:v2", trigger=Trigger.NEW_IMAGE, run="shop-1", start_time=objects.AT)


def ready(reason: Reason, message: str = "") -> tuple[Condition, ...]:
    at = {"last_transition_time": objects.AT, "observed_generation": 1}
    return (Condition(type="Ready", status=ConditionStatus.TRUE, reason=reason, message=message, **at),)


UNDER_WAY = ReleaseFlowStatus(conditions=ready(Reason.ROLLING_OUT), release=RELEASE)
RELEASED = ReleaseFlowStatus(
    conditions=ready(Reason.RELEASED, "shop:v2 is released"),
    release=RELEASE.model_copy(update={"outcome": Outcome.RELEASED}),
)


def test_a_change_is_recorded_on_the_flow_and_its_target_logged_and_counted() -> None:
    recorded: list[EventRecord] = []
    metrics = Metrics()
    with capture_logs() as lines:
        for sink in all_sinks(SinkContext(recorded.append, metrics)):
            sink.publish(Transition(FLOW, UNDER_WAY, RELEASED, (TARGET,)))

    assert [(record.about, record.reason) for record in recorded] == [(FLOW, "Released"), (TARGET, "Released")]
    assert [(line["event"], line["ready"], line["reason"]) for line in lines] == [("ready_changed", "True", "Released")]
    scrape, _ = exposition(metrics, Snapshot("1.2.3", leads=True, queue_depth=0), "")
    assert b'releaseflow_releases_total{outcome="Released"} 1.0' in scrape


def test_the_log_is_silent_where_ready_is_as_it_was() -> None:
    same = Transition(FLOW, RELEASED, RELEASED.model_copy(update={"sequence": 2}))
    with capture_logs() as lines:
        for sink in all_sinks(SinkContext(lambda _record: None, Metrics())):
            sink.publish(same)
            sink.publish(replace(same, after=ReleaseFlowStatus()))

    assert lines == []

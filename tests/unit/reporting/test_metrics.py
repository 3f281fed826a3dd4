"""Metrics: what is counted, when, and by which labels."""

import subprocess
from functools import partial
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.kube.resources import Resource
from releaseflow.reporting.gauges import FlowCondition, FlowState, Snapshot
from releaseflow.reporting.measures import OF_FLOWS, OF_THE_PROCESS, OF_TRANSITIONS
from releaseflow.reporting.metrics import CONTROLLERS, Metrics, ReconcileResult, exposition

STANDBY = Snapshot("1.2.3", leads=False, queue_depth=0)
SHOP = FlowState(
    "shop",
    "web",
    (FlowCondition("Ready", "False", "MigrationFailed"), FlowCondition("Stalled", "True", "MigrationFailed")),
    release_start=(100.0,),
    backup=((90.0, 4096),),
)
BEGAN, ENDED = "2026-01-01T00:00:00Z", "2026-01-01T00:02:30Z"


def series(metrics: Metrics, snapshot: Snapshot = STANDBY) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Everything that a scrape shows, by name and labels."""
    body, _ = exposition(metrics, snapshot, "")
    families = text_string_to_metric_families(body.decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(metrics: Metrics, name: str, snapshot: Snapshot = STANDBY, **labels: str) -> float | None:
    return series(metrics, snapshot).get((name, frozenset(labels.items())))


def release(sequence: int, outcome: Outcome | None = None) -> Release:
    return Release(
        sequence=sequence,
        image="shop:v2",
        trigger=Trigger.NEW_IMAGE,
        run=f"shop-{sequence}",
        outcome=outcome,
        start_time=BEGAN,
        completion_time=ENDED if outcome else None,
    )


def step(attempt: int = 1, outcome: StepOutcome | None = None, **facts: Any) -> StepStatus:
    times = {"start_time": BEGAN, "completion_time": ENDED if outcome else None, **facts}
    return StepStatus(
        name="migrate", type=StepType.MIGRATE, attempt=attempt, job_name="shop-1-migrate", outcome=outcome, **times
    )


def test_a_release_counts_once_when_its_outcome_is_written() -> None:
    metrics = Metrics()
    under_way = ReleaseFlowStatus(sequence=1, release=release(1))
    over = ReleaseFlowStatus(sequence=1, release=release(1, Outcome.FAILED))

    metrics.count_transition(ReleaseFlowStatus(), under_way)
    assert value(metrics, "releaseflow_releases_total", outcome="Failed") == 0

    metrics.count_transition(under_way, over)
    metrics.count_transition(over, over)
    assert value(metrics, "releaseflow_releases_total", outcome="Failed") == 1
    assert value(metrics, "releaseflow_release_duration_seconds_sum", outcome="Failed") == 150
    assert value(metrics, "releaseflow_release_duration_seconds_count", outcome="Failed") == 1


def test_a_release_that_ends_in_the_write_that_begins_the_next_one_counts_too() -> None:
    metrics = Metrics()
    before = ReleaseFlowStatus(sequence=1, release=release(1))
    superseded = release(1, Outcome.SUPERSEDED)

    metrics.count_transition(before, ReleaseFlowStatus(sequence=2, release=release(2), history=(superseded,)))

    assert value(metrics, "releaseflow_releases_total", outcome="Superseded") == 1


def test_a_release_that_moves_into_the_history_does_not_count_again() -> None:
    metrics = Metrics()
    over = release(1, Outcome.RELEASED)
    before = ReleaseFlowStatus(sequence=1, release=over)

    metrics.count_transition(before, ReleaseFlowStatus(sequence=2, release=release(2), history=(over,)))

    assert value(metrics, "releaseflow_releases_total", outcome="Released") == 0


def test_who_takes_over_counts_nothing_that_was_written_before() -> None:
    written = MigrationRunStatus(steps=(step(outcome=StepOutcome.SUCCEEDED),))
    next_leader = Metrics()

    next_leader.count_transition(written, written.model_copy(update={"backup_state": "NotNeeded"}))

    assert value(next_leader, "releaseflow_run_step_duration_seconds_count", step="Migrate", outcome="Succeeded") == 0


def test_a_step_lasts_as_long_as_its_status_says() -> None:
    metrics = Metrics()
    under_way = MigrationRunStatus(steps=(step(),))

    metrics.count_transition(under_way, MigrationRunStatus(steps=(step(outcome=StepOutcome.SUCCEEDED),)))

    migrate = partial(value, metrics, step="Migrate", outcome="Succeeded")
    assert migrate("releaseflow_run_step_duration_seconds_sum") == 150
    assert migrate("releaseflow_run_step_duration_seconds_bucket", le="60.0") == 0
    assert migrate("releaseflow_run_step_duration_seconds_bucket", le="300.0") == 1


def test_each_attempt_that_ends_counts() -> None:
    metrics = Metrics()
    first, second = (MigrationRunStatus(steps=(step(n, StepOutcome.FAILED),)) for n in (1, 2))

    metrics.count_transition(MigrationRunStatus(), first)
    metrics.count_transition(first, second)

    assert value(metrics, "releaseflow_run_step_duration_seconds_count", step="Migrate", outcome="Failed") == 2


@pytest.mark.parametrize(
    ("times", "counted"),
    [({"start_time": None}, 0), ({"completion_time": None}, 0), ({"start_time": ENDED, "completion_time": BEGAN}, 1)],
    ids=["no start", "no end", "a clock that went back"],
)
def test_a_duration_is_never_guessed_and_never_negative(times: dict[str, Any], counted: int) -> None:
    metrics = Metrics()

    metrics.count_transition(
        MigrationRunStatus(), MigrationRunStatus(steps=(step(outcome=StepOutcome.FAILED, **times),))
    )

    migrate = partial(value, metrics, step="Migrate", outcome="Failed")
    assert migrate("releaseflow_run_step_duration_seconds_count") == counted
    assert migrate("releaseflow_run_step_duration_seconds_sum") == 0


def test_a_status_is_compared_with_one_of_its_kind() -> None:
    with pytest.raises(TypeError, match="cannot become"):
        Metrics().count_transition(ReleaseFlowStatus(), MigrationRunStatus())


def test_the_metrics_of_a_flow_are_its_conditions_its_release_and_its_backup() -> None:
    shown = series(Metrics(), Snapshot("1.2.3", leads=True, queue_depth=3, flows=(SHOP,)))
    place = {("namespace", "shop"), ("name", "web")}
    stalled = {("condition", "Stalled"), ("status", "True"), ("reason", "MigrationFailed")}

    assert shown["releaseflow_flow_condition", frozenset(place | stalled)] == 1
    assert shown["releaseflow_flow_release_start_timestamp_seconds", frozenset(place)] == 100
    assert shown["releaseflow_flow_backup_timestamp_seconds", frozenset(place)] == 90
    assert shown["releaseflow_flow_backup_size_bytes", frozenset(place)] == 4096
    assert shown["releaseflow_leader", frozenset()] == 1
    assert shown["releaseflow_workqueue_depth", frozenset()] == 3
    assert shown["releaseflow_build_info", frozenset({("version", "1.2.3")})] == 1


def test_a_flow_that_is_gone_has_no_series() -> None:
    metrics = Metrics()
    series(metrics, Snapshot("1.2.3", leads=True, queue_depth=0, flows=(SHOP,)))

    assert not [name for name, _ in series(metrics) if name.startswith("releaseflow_flow_")]


def test_only_gauges_of_flows_name_objects() -> None:
    others = {label for measure in (*OF_THE_PROCESS, *OF_TRANSITIONS) for label in measure.labels}

    assert not {"namespace", "name"} & others
    assert not {"image", "message", "run", "pod", "uid"} & {name for m in OF_FLOWS for name in m.labels}


def test_counters_begin_at_zero() -> None:
    shown = series(Metrics())

    for outcome in Outcome:
        assert shown["releaseflow_releases_total", frozenset({("outcome", outcome.value)})] == 0
    for controller in CONTROLLERS:
        labels = frozenset({("controller", controller), ("result", "error")})
        assert shown["releaseflow_reconcile_total", labels] == 0


def test_what_is_reconciled_is_a_kind() -> None:
    assert set(CONTROLLERS) <= {kind.singular.lower() for kind in Resource}


def busy() -> Metrics:
    """Metrics of which every one has a value."""
    metrics = Metrics()
    metrics.count_request("get", "pods", "200")
    metrics.observe_queue_duration(0.2)
    metrics.observe_reconcile("releaseflow", ReconcileResult.ERROR, 0.3)
    metrics.count_transition(ReleaseFlowStatus(), ReleaseFlowStatus(sequence=1, release=release(1, Outcome.RELEASED)))
    return metrics


def test_every_metric_is_shown_by_its_own_name_type_and_labels() -> None:
    body, _ = exposition(busy(), Snapshot("1.2.3", leads=True, queue_depth=0, flows=(SHOP,)), "")
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}

    for measure in (*OF_FLOWS, *OF_THE_PROCESS, *OF_TRANSITIONS):
        family = families.pop(measure.name.removesuffix("_total"))
        assert (family.type, family.documentation) == (measure.type.value, measure.help)
        assert {name for sample in family.samples for name in sample.labels} - {"le"} == set(measure.labels)
        assert measure.name.endswith("_total") == (family.type == "counter")
    assert all(name.startswith("process_") for name in families)


@pytest.mark.parametrize(
    ("accept", "begins"),
    [
        ("", "text/plain; version=0.0.4"),
        ("application/openmetrics-text", "application/openmetrics-text"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(accept: str, begins: str) -> None:
    body, content_type = exposition(busy(), STANDBY, accept)

    assert content_type.startswith(begins)
    assert body.decode().endswith("# EOF\n") == begins.startswith("application")


def test_promtool_finds_nothing_to_complain_of(promtool: str) -> None:
    body, _ = exposition(busy(), Snapshot("1.2.3", leads=True, queue_depth=0, flows=(SHOP,)), "")

    done = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")

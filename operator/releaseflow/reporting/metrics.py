"""Metrics: the sink that counts what was reported, and what the process does; Prometheus reads it.

A transition is counted by the process that wrote it, once the API server has taken the write, and its duration comes
from the times in the status: a new leader counts nothing again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from typing_extensions import override

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.timestamps import moment
from releaseflow.reporting import measures
from releaseflow.reporting.gauges import Snapshot, gauges
from releaseflow.reporting.measures import Measure
from releaseflow.workloads.registry import WORKLOADS

Status: TypeAlias = ReleaseFlowStatus | MigrationRunStatus

CONTROLLERS = ("releaseflow", "migrationrun", "job", "pod", *(kind.lower() for kind in WORKLOADS))
"""What is reconciled: flows, runs, what a run left behind, and targets of a deleted flow."""
NO_ANSWER = "<error>"
"""Stands for the status code where no answer came, as in client-go."""


class ReconcileResult(StrEnum):
    """How a reconciliation ended."""

    SUCCESS = "success"
    ERROR = "error"


class Metrics:
    """Counters and histograms of one process, from any thread."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library says nothing of it
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._releases = self._counter(measures.RELEASES)
        self._release_seconds = self._histogram(measures.RELEASE_DURATION)
        self._step_seconds = self._histogram(measures.STEP_DURATION)
        self._waited = self._histogram(measures.QUEUE_DURATION)
        self._reconciles = self._counter(measures.RECONCILES)
        self._reconcile_seconds = self._histogram(measures.RECONCILE_DURATION)
        self._requests = self._counter(measures.API_REQUESTS)
        self._begin_at_zero()

    def count_transition(self, before: Status, after: Status) -> None:
        """Count what a status says that was written, and its predecessor did not."""
        match before, after:
            case ReleaseFlowStatus(), ReleaseFlowStatus():
                for release in _newly_ended(before, after):
                    self._ended(release)
            case MigrationRunStatus(), MigrationRunStatus():
                for step in _newly_over(before, after):
                    self._over(step)
            case _:
                raise TypeError(f"a {type(before).__name__} cannot become a {type(after).__name__}")

    def count_request(self, verb: str, resource: str, code: str) -> None:
        """Count a request to the API server, once it was answered or failed."""
        self._requests.labels(verb, resource, code).inc()

    def observe_queue_duration(self, seconds: float) -> None:
        """Take how long an object waited for a worker."""
        self._waited.observe(seconds)

    def observe_reconcile(self, controller: str, result: ReconcileResult, seconds: float) -> None:
        """Take how a reconciliation ended, and how long it took."""
        self._reconciles.labels(controller, result.value).inc()
        self._reconcile_seconds.labels(controller).observe(seconds)

    def _ended(self, release: Release) -> None:
        assert release.outcome is not None  # noqa: S101  # an ended release has one
        self._releases.labels(release.outcome.value).inc()
        seconds = _seconds(release.start_time, release.completion_time)
        if seconds is not None:
            self._release_seconds.labels(release.outcome.value).observe(seconds)

    def _over(self, step: StepStatus) -> None:
        seconds = _seconds(step.start_time, step.completion_time)
        if step.outcome is not None and seconds is not None:
            self._step_seconds.labels(step.type.value, step.outcome.value).observe(seconds)

    def _begin_at_zero(self) -> None:
        """Show every series whose labels are known: an increase from nothing is none for Prometheus."""
        for outcome in Outcome:
            self._releases.labels(outcome.value)
        for step in StepType:
            for ended in StepOutcome:
                self._step_seconds.labels(step.value, ended.value)
        for controller in CONTROLLERS:
            for result in ReconcileResult:
                self._reconciles.labels(controller, result.value)

    def _counter(self, measure: Measure) -> Counter:
        return Counter(measure.name, measure.help, measure.labels, registry=self.registry)

    def _histogram(self, measure: Measure) -> Histogram:
        return Histogram(measure.name, measure.help, measure.labels, registry=self.registry, buckets=measure.buckets)


@dataclass(frozen=True)
class _Scrape(Collector):
    """Everything that one scrape shows."""

    metrics: Metrics
    snapshot: Snapshot

    @override
    def collect(self) -> Iterator[Metric]:
        yield from gauges(self.snapshot)
        yield from self.metrics.registry.collect()


def exposition(metrics: Metrics, snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """Return what a scrape is answered, and its content type, in the format that it accepts."""
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape(metrics, snapshot))
    return encode(registry), content_type


def _newly_ended(before: ReleaseFlowStatus, after: ReleaseFlowStatus) -> Iterator[Release]:
    known = {release.sequence for release in _releases(before) if release.outcome is not None}
    fresh = {release.sequence: release for release in _releases(after) if release.outcome is not None}
    return (release for sequence, release in fresh.items() if sequence not in known)


def _releases(status: ReleaseFlowStatus) -> tuple[Release, ...]:
    return status.history if status.release is None else (*status.history, status.release)


def _newly_over(before: MigrationRunStatus, after: MigrationRunStatus) -> Iterator[StepStatus]:
    known = {(step.name, step.attempt) for step in before.steps if step.outcome is not None}
    return (s for s in after.steps if s.outcome is not None and (s.name, s.attempt) not in known)


def _seconds(start: str | None, end: str | None) -> float | None:
    """Return the time between two times of a status; one that was never recorded is not guessed."""
    if start is None or end is None:
        return None
    return max(0.0, (moment(end) - moment(start)).total_seconds())

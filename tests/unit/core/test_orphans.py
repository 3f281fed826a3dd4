"""What becomes of a migration's Job and pods when their run is gone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import JobSeen, PodPhase, PodSeen
from releaseflow.core.run.orphans import Fate, fate_of_job, fate_of_pod

JOB = JobSeen("migrate", "j", "1", "r", 1, "hash", datetime(2026, 11, 23, tzinfo=UTC))
POD = PodSeen("pod", "p", "1", StepType.MIGRATE, "j", PodPhase.RUNNING)
ENDED = replace(POD, phase=PodPhase.SUCCEEDED)
HELD = replace(ENDED, held=True)


@pytest.mark.parametrize(
    ("job", "pods", "fate"),
    [
        (JOB, (POD,), Fate.WAIT),
        (replace(JOB, deleting=True), (POD,), Fate.WAIT),
        (replace(JOB, complete=True), (HELD,), Fate.WAIT),
        (JOB, (), Fate.WAIT),
        (replace(JOB, complete=True), (ENDED,), Fate.RELEASE),
        (replace(JOB, failed=True), (), Fate.RELEASE),
        (replace(JOB, suspended=True, deleting=True), (), Fate.RELEASE),
        (replace(JOB, suspended=True), (), Fate.DELETE),
        (replace(JOB, suspended=True), (POD,), Fate.WAIT),
    ],
)
def test_a_job_goes_after_its_pods_and_only_where_it_can_make_no_other(
    job: JobSeen, pods: tuple[PodSeen, ...], fate: Fate
) -> None:
    assert fate_of_job(job, pods) is fate


@pytest.mark.parametrize(("pods", "fate"), [((POD, HELD), Fate.WAIT), ((HELD, ENDED), Fate.RELEASE)])
def test_a_pod_goes_once_no_pod_of_its_run_is_alive(pods: tuple[PodSeen, ...], fate: Fate) -> None:
    assert fate_of_pod(pods) is fate

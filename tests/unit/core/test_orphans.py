"""What becomes of a migration's Job and pods when their run is gone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import JobFacts, PodFacts, PodPhase
from releaseflow.core.run.orphans import OrphanAction, orphan_job_action, orphan_pod_action

JOB = JobFacts("migrate", "j", "1", "r", 1, "hash", datetime(2026, 11, 23, tzinfo=UTC))
POD = PodFacts("pod", "p", "1", StepType.MIGRATE, "j", PodPhase.RUNNING)
ENDED = replace(POD, phase=PodPhase.SUCCEEDED)
HELD = replace(ENDED, has_finalizer=True)


@pytest.mark.parametrize(
    ("job", "pods", "fate"),
    [
        (JOB, (POD,), OrphanAction.WAIT),
        (replace(JOB, deleting=True), (POD,), OrphanAction.WAIT),
        (replace(JOB, complete=True), (HELD,), OrphanAction.WAIT),
        (JOB, (), OrphanAction.WAIT),
        (replace(JOB, complete=True), (ENDED,), OrphanAction.REMOVE_FINALIZER),
        (replace(JOB, failed=True), (), OrphanAction.REMOVE_FINALIZER),
        (replace(JOB, suspended=True, deleting=True), (), OrphanAction.REMOVE_FINALIZER),
        (replace(JOB, suspended=True), (), OrphanAction.DELETE),
        (replace(JOB, suspended=True), (POD,), OrphanAction.WAIT),
    ],
)
def test_a_job_goes_after_its_pods_and_only_where_it_can_make_no_other(
    job: JobFacts, pods: tuple[PodFacts, ...], fate: OrphanAction
) -> None:
    assert orphan_job_action(job, pods) is fate


@pytest.mark.parametrize(
    ("pods", "fate"), [((POD, HELD), OrphanAction.WAIT), ((HELD, ENDED), OrphanAction.REMOVE_FINALIZER)]
)
def test_a_pod_goes_once_no_pod_of_its_run_is_alive(pods: tuple[PodFacts, ...], fate: OrphanAction) -> None:
    assert orphan_pod_action(pods) is fate

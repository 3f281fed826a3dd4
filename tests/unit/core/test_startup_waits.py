"""What a run waits for whose migration starts with the pods of the first target, and ends that are seldom seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.api.v1alpha1.target import TargetStatus
from releaseflow.core.decision import Opened
from releaseflow.core.facts import ABSENT, PendingCause
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.follow import with_followed
from releaseflow.core.flow.startup import _write
from releaseflow.core.flow.startup_safety import startup_hazard
from releaseflow.core.run.attempt import AttemptEnded
from releaseflow.core.run.facts import FlowForRun, RunObserved
from releaseflow.core.run.outcome import _fail_interrupted
from releaseflow.core.run.reports import Unreadable
from releaseflow.core.run.startup import _end_untouched, _is_overdue, migration_has_started_up
from releaseflow.core.run.startup_end import _said
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.core.timestamps import timestamp
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NOW
from tests.unit.core.startups import AT_STARTUP

NAME = "shop-1-abc"
BEGUN = StepStatus(name="migrate", type=StepType.MIGRATE, job_name="none", start_time=timestamp(NOW))


def observed(*steps: StepStatus, **facts: Any) -> RunObserved:
    spec = builders.run_spec(migration=AT_STARTUP)
    return builders.run(spec=spec, status=MigrationRunStatus(steps=steps), **facts)


def target(rollout: Rollout, *pods: StartingPod, **facts: Any) -> StartingTarget:
    return StartingTarget(NAME, rollout, pods=pods, **facts)


def reason(facts: RunObserved) -> Reason:
    return migration_has_started_up(facts).verdict.reason


def test_a_suspended_flow_offers_no_migration() -> None:
    assert reason(observed(flow=FlowForRun(image=NEW, sequence=1, suspended=True))) is Reason.SUSPENDED


def test_a_target_that_is_paused_is_waited_for_with_what_a_person_has_to_do() -> None:
    paused = target(Rollout.PAUSED, rollout_message="is paused", rollout_hint="Go on: kubectl rollout resume")
    verdict = migration_has_started_up(observed(BEGUN, starting=paused)).verdict
    assert (verdict.reason, verdict.message) == (
        Reason.TARGET_PAUSED,
        "The first target is paused. Go on: kubectl rollout resume",
    )


def test_a_pod_that_does_not_start_says_why() -> None:
    pod = StartingPod("shop-1", NAME, pending_cause=PendingCause(Reason.IMAGE_PULL_FAILED, "Back-off pulling image."))
    facts = observed(BEGUN, starting=target(Rollout.PROGRESSING, pod))
    assert reason(facts) is Reason.IMAGE_PULL_FAILED


def test_a_rollout_whose_flow_is_gone_is_waited_for_as_long_as_a_migration_may_take() -> None:
    rolls = target(Rollout.PROGRESSING)
    facts = observed(BEGUN, flow=ABSENT, starting=rolls)
    assert not _is_overdue(facts, rolls)
    later = replace(facts, now=NOW + timedelta(seconds=facts.spec.migration.deadline_seconds + 1))
    assert _is_overdue(later, rolls)
    assert not _is_overdue(later, target(Rollout.PAUSED))


def test_a_migration_that_ended_without_an_end_of_its_run_is_unknown() -> None:
    ended = BEGUN.model_copy(update={"outcome": StepOutcome.FAILED})
    assert reason(observed(ended)) is Reason.OUTCOME_UNKNOWN


def test_a_release_that_ended_before_it_wrote_anything_ends_its_run() -> None:
    assert _end_untouched(observed(BEGUN), BEGUN).verdict.reason is Reason.ABORTED


def test_a_pod_that_is_gone_has_reported_nothing() -> None:
    assert _said(AttemptEnded(BEGUN, builders.job(), ABSENT)) == Unreadable()


def flow(**facts: Any) -> FlowObserved:
    release = Release(
        sequence=1, image=NEW, trigger=Trigger.NEW_IMAGE, run=NAME, start_time=timestamp(NOW), run_outcome=None
    )
    status = ReleaseFlowStatus(release=release, targets=(TargetStatus(kind="Deployment", name="shop"),))
    return builders.flow(**{"status": status, "spec": builders.flow_spec(migration=AT_STARTUP)} | facts)


def test_a_run_that_has_ended_says_how_and_nothing_more_is_written() -> None:
    run = RunForFlow(NAME, "run-uid", "1", NEW, builders.FLOW_UID, 1, outcome=Reason.STARTUP_FAILED)
    facts = flow(run=run)
    assert isinstance(_write(facts, facts.release).verdict, Opened)


def test_a_target_that_is_not_there_has_no_hazard() -> None:
    assert startup_hazard(flow(targets=(ABSENT,))) == ""


def test_a_target_that_is_not_there_is_followed_as_it_was() -> None:
    facts = flow(targets=(ABSENT,), spec=builders.flow_spec(mode="Follow", image=ABSENT))
    assert with_followed(facts, facts.status) == facts.status


@pytest.mark.parametrize(
    ("migration", "ends"),
    [(builders.executed(), Reason.OUTCOME_UNKNOWN), ({"tool": "Django"}, Reason.INTERRUPTED)],
    ids=["in another pod", "in its own"],
)
def test_an_interrupted_migration_is_unknown_where_it_may_go_on(migration: dict[str, Any], ends: Reason) -> None:
    facts = builders.run(spec=builders.run_spec(migration=migration), status=MigrationRunStatus(steps=(BEGUN,)))
    assert _fail_interrupted(facts, BEGUN, (), "its pod is gone").verdict.reason is ends

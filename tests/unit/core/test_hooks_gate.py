"""Gate HooksDone as a table: what is seen of a hook's Job and pod, and what follows."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.operation import Operation
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepStatus, StepType
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PendingCause, PodFacts, PodPhase
from releaseflow.core.run.actions import CreateJob, DeleteJob, StartHook, SuspendJob
from releaseflow.core.run.cleanup import next_clean_up
from releaseflow.core.run.facts import FlowForRun, RunObserved
from releaseflow.core.run.hooks import hook_is_under_way, hooks_are_done
from releaseflow.core.run.lock import is_queued
from releaseflow.core.run.record import RunResult
from tests.support import builders
from tests.support.builders import JOB_UID, LATER, NEW

HOOK = StepType.HOOK


def hook(**facts: Any) -> Hook:
    return Hook.model_validate({"name": "smoke", "command": ["bin/smoke"], **facts})


def record(**facts: Any) -> StepStatus:
    known = {"name": "smoke", "type": HOOK, "job_name": "job", "job_uid": JOB_UID, "template_hash": "hash-of-Hook"}
    return StepStatus(**(known | {"start_time": "2026-03-01T12:00:00Z"} | facts))


def job(**facts: Any) -> JobFacts:
    return builders.job(**({"template_hash": "hash-of-Hook", "edited": True} | facts))


SUSPENDED = {"suspended": True, "edited": False, "start_time": None}


def pod(code: int | None = None, phase: PodPhase = PodPhase.RUNNING, image: str = NEW, **facts: Any) -> PodFacts:
    return builders.pod(HOOK, phase, replace(builders.container("hook", code), image=image), **facts)


def seen(step: StepStatus | None, there: JobFacts | Absent, *pods: PodFacts, **facts: Any) -> RunObserved:
    wanted = hook(**facts.pop("hook", {}))
    status = MigrationRunStatus(steps=() if step is None else (step,))
    run = builders.run(status=status, jobs=((HOOK, there),), pods=pods, **facts)
    return replace(run, spec=run.spec.model_copy(update={"operation": Operation.HOOK, "hooks": (wanted,)}))


def said(result: RunResult) -> tuple[Any, ...]:
    """Return kind, reason and action of a verdict, and how the hook ended."""
    verdict = result.verdict
    action = type(verdict.action) if isinstance(verdict, Waiting) and verdict.action is not ABSENT else None
    outcome = result.status.steps[0].outcome if result.status.steps else None
    return type(verdict), verdict.reason, action, outcome


FAILED, WELL = StepOutcome.FAILED, StepOutcome.SUCCEEDED
UNKNOWN = (Stopped, Reason.HOOK_FAILED, None, FAILED)
GOES_ON = (Waiting, Reason.RUNNING_HOOKS, None)
STUCK = PendingCause(Reason.IMAGE_PULL_FAILED, "no such image")
GIVEN_UP = record(given_up=Reason.IMAGE_PULL_FAILED)
CUT_SHORT: dict[str, Any] = {"deleting": True}


@pytest.mark.parametrize(("step", "there", "pods", "expected"), [
    (None, ABSENT, (), (*GOES_ON, None)),
    (record(job_uid=""), ABSENT, (), (Waiting, Reason.RUNNING_HOOKS, CreateJob, None)),
    (record(job_uid=""), job(**SUSPENDED), (), (*GOES_ON, None)),
    (record(job_uid=""), job(), (), UNKNOWN),
    (record(job_uid=""), job(**SUSPENDED, altered=("backoffLimit",)), (), UNKNOWN),
    (record(job_uid=""), job(**SUSPENDED, run_uid="another"), (), (Stopped, Reason.NAME_TAKEN, None, None)),
    (record(job_uid=""), ABSENT, (pod(),), UNKNOWN),
    (record(), job(**SUSPENDED), (), (Waiting, Reason.RUNNING_HOOKS, StartHook, None)),
    (record(), job(), (pod(),), (*GOES_ON, None)),
    (record(), job(), (pod(node_lost=True),), (Waiting, Reason.NODE_LOST, None, None)),
    (record(), job(), (pod(0, PodPhase.SUCCEEDED),), (*GOES_ON, WELL)),
    (record(), job(complete=True), (pod(0),), (*GOES_ON, WELL)),
    (record(), job(), (pod(0, **CUT_SHORT),), UNKNOWN),
    (record(), job(), (pod(0, image="other:1"),), UNKNOWN),
    (record(), job(failed=True), (pod(1, PodPhase.FAILED),), UNKNOWN),
    (record(), job(complete=True), (), UNKNOWN),
    (record(), job(failed=True, failed_reason="DeadlineExceeded"), (), UNKNOWN),
    (record(), job(), (pod(0), pod(0, name="pod-2", uid="pod-2-uid")), UNKNOWN),
    (record(), ABSENT, (), UNKNOWN),
    (record(), ABSENT, (pod(),), (Waiting, Reason.STOPPING, None, None)),
    (record(), ABSENT, (pod(0, PodPhase.SUCCEEDED),), (*GOES_ON, WELL)),
    (record(), job(uid="another"), (), UNKNOWN),
    (record(), job(deleting=True), (), UNKNOWN),
    (record(), job(suspended=True), (pod(),), (Waiting, Reason.STOPPING, None, None)),
    (record(), job(suspended=True), (), UNKNOWN),
    (GIVEN_UP, job(pending_cause=STUCK), (), (Waiting, Reason.STOPPING, SuspendJob, None)),
    (GIVEN_UP, job(), (pod(),), (*GOES_ON, None)),
    (GIVEN_UP, job(suspended=True), (builders.pod(HOOK, PodPhase.PENDING),),
     (Waiting, Reason.STOPPING, None, None)),
    (GIVEN_UP, job(suspended=True), (), (Waiting, Reason.STOPPING, DeleteJob, None)),
    (GIVEN_UP, ABSENT, (), UNKNOWN),
])  # fmt: skip
def test_hooks_done(
    step: StepStatus | None, there: JobFacts | Absent, pods: tuple[PodFacts, ...], expected: tuple[Any, ...]
) -> None:
    assert said(hooks_are_done(seen(step, there, *pods))) == expected


def test_a_pod_that_does_not_start_is_given_up_in_time() -> None:
    waits = hooks_are_done(seen(record(), job(pending_cause=STUCK)))
    assert said(waits) == (Waiting, Reason.IMAGE_PULL_FAILED, None, None)
    late = hooks_are_done(seen(record(), job(pending_cause=STUCK), now=LATER))
    assert late.status.steps[0].given_up is Reason.IMAGE_PULL_FAILED
    silent = hooks_are_done(seen(record(), job(), now=LATER))
    assert silent.status.steps[0].given_up is Reason.CONTAINER_NOT_STARTED


@pytest.mark.parametrize(("pods", "there"), [
    ((pod(3, PodPhase.FAILED),), job(failed=True)),
    ((), job(failed=True, failed_reason="DeadlineExceeded")),
])  # fmt: skip
def test_a_known_failure_may_be_allowed(pods: tuple[PodFacts, ...], there: JobFacts) -> None:
    result = hooks_are_done(seen(record(), there, *pods, hook={"onFailure": "Continue"}))
    assert said(result) == (*GOES_ON, FAILED)
    opened = hooks_are_done(replace(seen(None, ABSENT, hook={"onFailure": "Continue"}), status=result.status))
    assert isinstance(opened.verdict, Opened)
    assert opened.verdict.reason is Reason.HOOK_FAILURE_ALLOWED


@pytest.mark.parametrize(("facts", "words"), [
    ({"ended_by": "OOMKilled", "exit_code": 137}, "it used more memory than it may"),
    ({"exit_code": 3}, "it exited with 3"),
    ({"exit_code": None}, "it was stopped before it was done, so its exit proves nothing"),
])  # fmt: skip
def test_the_hint_says_how_it_ended(facts: dict[str, Any], words: str) -> None:
    container = replace(builders.container("hook", 1), **facts)
    ended = builders.pod(HOOK, PodPhase.FAILED, container)
    result = hooks_are_done(seen(record(), job(failed=True), ended))
    assert result.status.failure is not None
    assert f"hook smoke: {words}" in result.status.failure.hint


def test_a_run_that_its_flow_does_not_know_starts_nothing() -> None:
    stranger = FlowForRun(image=NEW, sequence=1, knows_run=False)
    result = hooks_are_done(seen(None, ABSENT, flow=stranger))
    assert said(result) == (Waiting, Reason.STARTING, None, None)
    begun = hooks_are_done(seen(record(), job(), pod(0, PodPhase.SUCCEEDED), flow=stranger))
    assert said(begun) == (*GOES_ON, WELL), "a newer release is under way: what has begun is read all the same"


@pytest.mark.parametrize(("step", "there", "expected"), [
    (None, ABSENT, False),
    (record(job_uid=""), job(**SUSPENDED), False),
    (record(), job(**SUSPENDED), False),
    (record(), job(), True),
    (record(), ABSENT, True),
    (record(outcome=WELL), job(), False),
])  # fmt: skip
def test_a_hook_is_under_way_once_it_may_have_begun(
    step: StepStatus | None, there: JobFacts | Absent, *, expected: bool
) -> None:
    assert hook_is_under_way(seen(step, there)) is expected


def test_a_run_of_hooks_waits_for_no_lock() -> None:
    run = seen(None, ABSENT)
    assert not is_queued(run.spec, run.status)
    assert is_queued(builders.run_spec(), MigrationRunStatus())


def test_a_hook_that_never_began_goes_with_its_run_and_one_that_was_stopped_too() -> None:
    over = {"outcome": Reason.SUPERSEDED, "steps": (record(),)}
    never = seen(record(), job(**SUSPENDED))
    action = next_clean_up(replace(never, status=MigrationRunStatus(**over)))
    assert isinstance(action, DeleteJob)
    stopped = replace(never, jobs=((HOOK, job(suspended=True)),), status=MigrationRunStatus(**over))
    assert isinstance(next_clean_up(stopped), DeleteJob)

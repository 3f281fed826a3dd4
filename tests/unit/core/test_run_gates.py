"""Each gate of a run, asked by itself: one sentence for each thing that keeps it closed, or opens it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.backup_status import BackupStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepOutcome, StepType
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.facts import ABSENT, ContainerFacts, PodPhase
from releaseflow.core.run.actions import CreateJob, TakeLock, TakeOverLock
from releaseflow.core.run.approval import migration_is_approved
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import DatabaseState, FlowForRun, RunObserved, Waiter, WorkloadFacts
from releaseflow.core.run.lock import HOLDER_PODS_POLL_SECONDS, database_is_locked
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import LATER, NOW
from tests.unit.core.messages import assert_known
from tests.unit.core.records import job, under_way, with_steps

CHECK, BACKUP, MIGRATE = StepType.CHECK, StepType.BACKUP, StepType.MIGRATE
PROVEN = BackupStatus(
    method="PersistentVolumeClaim", location="pvc://b/p", size_bytes=1, sha256="5a" * 32, proof="read back"
)


MINE = builders.lock(holder_uid="", last_name="shop-1-abc", last_uid=builders.RUN_UID)
LOCKED: dict[str, tuple[dict[str, Any], Reason]] = {
    "a lock of one's own is open": ({}, Reason.OPENED),
    "a lock that does not exist is taken": ({"lock": ABSENT}, Reason.STARTING),
    "a free lock is taken": ({"lock": builders.lock(holder_uid="")}, Reason.STARTING),
    "an older waiter goes first": (
        {"lock": ABSENT, "waiters": (Waiter(NOW - timedelta(1), "z"),)},
        Reason.LOCK_HELD,
    ),
    "of waiters of one age the smaller UID goes first": (
        {"lock": ABSENT, "waiters": (Waiter(NOW, "a"),)},
        Reason.LOCK_HELD,
    ),
    "a younger waiter waits": ({"lock": ABSENT, "waiters": (Waiter(LATER, "a"),)}, Reason.STARTING),
    "a living holder is waited for": ({"lock": builders.lock(holder_uid="other")}, Reason.LOCK_HELD),
    "a pod of a holder that is gone is waited for": (
        {"lock": builders.lock(holder_uid="other", holder_exists=False, holder_pod_alive=True)},
        Reason.LOCK_HELD,
    ),
    "a holder that is gone leaves an unknown database": (
        {"lock": builders.lock(holder_uid="other", holder_exists=False)},
        Reason.DATABASE_UNKNOWN,
    ),
    "a person may have a lock taken over": (
        {
            "lock": builders.lock(holder_uid="other", holder_exists=False),
            "spec": builders.run_spec(acceptUnknownDatabase=True),
        },
        Reason.STARTING,
    ),
    "an unknown database stops the run": (
        {"lock": builders.lock(holder_uid="", database=DatabaseState.UNKNOWN)},
        Reason.DATABASE_UNKNOWN,
    ),
    "a run of the same name that was here before stops the run": (
        {"lock": builders.lock(holder_uid="", last_name="shop-1-abc", last_uid="gone")},
        Reason.OUTCOME_UNKNOWN,
    ),
    "a run that had the lock, and has no record any more, stops": ({"lock": MINE}, Reason.OUTCOME_UNKNOWN),
    "a run that gave the lock back takes it again": (
        {"lock": MINE, "status": MigrationRunStatus(start_time=timestamp(NOW))},
        Reason.STARTING,
    ),
    "a run by hand of the name of one that is gone, restored or made again": (
        {
            "lock": builders.lock(holder_uid="", last_name="shop-1-abc", last_uid="gone"),
            "spec": builders.run_spec(flowRef=None),
        },
        Reason.OUTCOME_UNKNOWN,
    ),
    "no lock is taken without a workload": (
        {"lock": ABSENT, "workload": ABSENT},
        Reason.TARGET_NOT_FOUND,
    ),
    "no lock is taken without a container": (
        {"lock": ABSENT, "workload": WorkloadFacts(container_found=False)},
        Reason.CONTAINER_NOT_FOUND,
    ),
    "no lock is taken without the sidecars": (
        {"lock": ABSENT, "workload": WorkloadFacts(missing_sidecars=("proxy",))},
        Reason.CONTAINER_NOT_FOUND,
    ),
}


@pytest.mark.parametrize("says", LOCKED)
def test_locked(says: str) -> None:
    facts, reason = LOCKED[says]
    assert_known(decide(builders.run(**facts)))
    verdict = database_is_locked(builders.run(**facts)).verdict
    assert verdict.reason is reason
    takes = isinstance(verdict, Waiting) and isinstance(verdict.action, TakeLock)
    assert takes == (reason is Reason.STARTING)


def test_the_pods_of_a_holder_that_is_gone_are_read_again() -> None:
    gone, _ = LOCKED["a pod of a holder that is gone is waited for"]
    lives, _ = LOCKED["a living holder is waited for"]
    assert decide(builders.run(**gone)).requeue_after == HOLDER_PODS_POLL_SECONDS
    assert decide(builders.run(**lives)).requeue_after is None


def test_a_lock_is_taken_over_on_live_reads_alone() -> None:
    facts, _ = LOCKED["a person may have a lock taken over"]
    free, _ = LOCKED["a free lock is taken"]
    assert decide(builders.run(**facts)).action == TakeOverLock(facts["lock"])
    assert TakeOverLock.requires_live_read
    assert type(decide(builders.run(**free)).action) is TakeLock
    assert not TakeLock.requires_live_read


DONE = builders.pod(CHECK, PodPhase.SUCCEEDED, builders.container("check"))
PENDING = builders.pod(CHECK, PodPhase.RUNNING, builders.container("check", 1))
AT_WORK = builders.pod(CHECK, PodPhase.RUNNING, builders.container("check", None))
CHECKED: dict[str, tuple[RunObserved, Reason]] = {
    "without a check it is open": (
        builders.run(spec=builders.run_spec(migration={"command": ["migrate"]})),
        Reason.NOT_CHECKED,
    ),
    "with a check of one's own it checks": (
        builders.run(spec=builders.run_spec(migration={"command": ["migrate"], "check": {"command": ["check"]}})),
        Reason.CHECKING,
    ),
    "the intent is recorded first": (builders.run(), Reason.CHECKING),
    "an answer that is recorded stands": (
        with_steps(under_way(CHECK, outcome=StepOutcome.SUCCEEDED, exit_code=2)),
        Reason.MIGRATION_PENDING,
    ),
    "0 means that nothing is pending": (
        with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(DONE,)),
        Reason.NOTHING_PENDING,
    ),
    "0 of another image means nothing": (
        with_steps(
            under_way(CHECK),
            jobs=job(CHECK, complete=True),
            pods=(builders.pod(CHECK, PodPhase.SUCCEEDED, builders.container("check", image="evil:1")),),
        ),
        Reason.CHECKING,
    ),
    "the exit code in the Job's condition is enough to go on": (
        with_steps(under_way(CHECK), jobs=job(CHECK, failed=True, failed_exit_code=1)),
        Reason.MIGRATION_PENDING,
    ),
    "0 is believed before the pod's phase and the Job say so": (
        with_steps(under_way(CHECK), jobs=job(CHECK), pods=(replace(DONE, phase=PodPhase.RUNNING),)),
        Reason.NOTHING_PENDING,
    ),
    "0 is believed of a Job that failed later, and of one that is being deleted": (
        with_steps(under_way(CHECK), jobs=job(CHECK, failed=True, failed_exit_code=1, deleting=True), pods=(DONE,)),
        Reason.NOTHING_PENDING,
    ),
    "a Job that says Complete ends nothing while its pod runs": (
        with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(AT_WORK,)),
        Reason.CHECKING,
    ),
    "a Job that says Failed ends nothing while its pod runs": (
        with_steps(under_way(CHECK), jobs=job(CHECK, failed=True, failed_exit_code=1), pods=(AT_WORK,)),
        Reason.CHECKING,
    ),
    "0 of a pod that was stopped means nothing": (
        with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(replace(DONE, deleting=True),)),
        Reason.CHECKING,
    ),
    "1 of a pod that was stopped means nothing": (
        with_steps(under_way(CHECK), jobs=job(CHECK), pods=(replace(PENDING, deleting=True),)),
        Reason.CHECKING,
    ),
    "1 means that something is pending": (
        with_steps(under_way(CHECK), jobs=job(CHECK), pods=(PENDING,)),
        Reason.MIGRATION_PENDING,
    ),
    "0 of a pod that was evicted means nothing": (
        with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(replace(DONE, disrupted=True),)),
        Reason.CHECKING,
    ),
    "0 in a pod that failed means nothing": (
        with_steps(under_way(CHECK), jobs=job(CHECK, failed=True), pods=(replace(DONE, phase=PodPhase.FAILED),)),
        Reason.CHECKING,
    ),
    "one of two pods proves nothing": (
        with_steps(under_way(CHECK), jobs=job(CHECK, complete=True), pods=(DONE, DONE)),
        Reason.CHECKING,
    ),
    "a pod of a lost Job does not count": (
        with_steps(under_way(CHECK), jobs=job(CHECK, failed=True, uid="other"), pods=(DONE,)),
        Reason.CHECKING,
    ),
    "a Job that waits for its pod is waited for": (with_steps(under_way(CHECK), jobs=job(CHECK)), Reason.CHECKING),
    "a template that changed is recorded anew before the Job is made": (
        with_steps(under_way(CHECK, template_hash="old")),
        Reason.CHECKING,
    ),
}


@pytest.mark.parametrize("says", CHECKED)
def test_checked(says: str) -> None:
    seen, reason = CHECKED[says]
    assert_known(decide(seen))
    assert nothing_is_pending(seen).verdict.reason is reason


def test_a_job_is_made_only_as_it_was_recorded() -> None:
    verdict = nothing_is_pending(with_steps(under_way(CHECK))).verdict
    assert isinstance(verdict, Waiting)
    assert isinstance(verdict.action, CreateJob)
    changed = nothing_is_pending(with_steps(under_way(CHECK, template_hash="old")))
    assert isinstance(changed.verdict, Waiting)
    assert changed.verdict.action is ABSENT
    assert changed.status.steps[0].template_hash == "hash-of-Check"


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        (builders.container("backup", 137, ended_by="OOMKilled"), Reason.OUT_OF_MEMORY),
        (builders.container("backup", 1, builders.failure_says("BackupUnverified")), Reason.BACKUP_UNVERIFIED),
        (builders.container("backup", 1, builders.failure_says("ClientTooOld")), Reason.CLIENT_TOO_OLD),
    ],
)
def test_the_reason_why_a_backup_failed_is_reported(container: ContainerFacts, reason: Reason) -> None:
    pods = (builders.pod(BACKUP, PodPhase.FAILED, container),)
    checked = under_way(CHECK, outcome=StepOutcome.SUCCEEDED, exit_code=1)
    seen = with_steps(checked, under_way(BACKUP), jobs=job(BACKUP, failed=True), pods=pods)
    assert_known(decide(seen))
    turn = backup_is_taken(seen)
    assert turn.verdict.reason is reason
    assert turn.status.failure is not None
    assert turn.status.failure.exit_code == container.exit_code


def test_a_backup_is_good_only_with_a_proof() -> None:
    done = under_way(BACKUP, outcome=StepOutcome.SUCCEEDED)
    proven = builders.run(status=MigrationRunStatus(steps=(done,), backup=PROVEN))
    assert isinstance(backup_is_taken(proven).verdict, Opened)
    assert isinstance(backup_is_verified(proven).verdict, Opened)
    for backup in (None, PROVEN.model_copy(update={"proof": ""})):
        checked = under_way(CHECK, outcome=StepOutcome.SUCCEEDED, exit_code=1)
        seen = builders.run(status=MigrationRunStatus(steps=(checked, done), backup=backup))
        assert_known(decide(seen))
        assert backup_is_verified(seen).verdict.reason is Reason.BACKUP_UNVERIFIED


SAID = builders.container("backup", 0, builders.backup_says())


@pytest.mark.parametrize("judged", [{}, {"complete": True}, {"failed": True, "failed_reason": "BackoffLimitExceeded"}])
def test_a_backup_counts_when_its_containers_ended_well_whatever_its_job_says(judged: dict[str, Any]) -> None:
    for phase in (PodPhase.RUNNING, PodPhase.SUCCEEDED):
        pods = (builders.pod(BACKUP, phase, SAID),)
        good = backup_is_taken(with_steps(under_way(BACKUP), jobs=job(BACKUP, **judged), pods=pods))
        assert isinstance(good.verdict, Opened)


@pytest.mark.parametrize("wrong", [{"exit_code": 1}, {"ended": False}, {"started": False}])
def test_a_backup_does_not_count_when_one_of_its_containers_did_not_end_well(wrong: dict[str, Any]) -> None:
    pods = (builders.pod(BACKUP, PodPhase.SUCCEEDED, replace(SAID, **wrong)),)
    failed = backup_is_taken(with_steps(under_way(BACKUP), jobs=job(BACKUP, complete=True), pods=pods))
    assert not isinstance(failed.verdict, Opened)
    assert failed.status.backup is None


def test_old_backups_that_stay_are_reported_and_stop_nothing() -> None:
    ended = builders.container("backup", 0, builders.backup_says(warning="1.dump is another backup"))
    pods = (builders.pod(BACKUP, PodPhase.SUCCEEDED, ended),)
    taken = backup_is_taken(with_steps(under_way(BACKUP), jobs=job(BACKUP, complete=True), pods=pods))
    verified = backup_is_verified(builders.run(status=taken.status))
    assert isinstance(verified.verdict, Opened)
    assert verified.verdict.message.endswith("Old backups stay: 1.dump is another backup")


def test_an_approval_opens_the_way_to_the_migration() -> None:
    approved = builders.run(flow=FlowForRun(builders.NEW, 1, approved=True))
    assert isinstance(migration_is_approved(approved).verdict, Opened)
    for waits in (builders.run(), builders.run(spec=builders.run_spec(flowRef=None), flow=ABSENT)):
        verdict = migration_is_approved(waits).verdict
        assert isinstance(verdict, Waiting)
        on = "rflow shop" if waits.spec.flow_ref is not None else "mrun shop-1-abc"
        assert verdict.message == (
            "Nothing is changed yet; a backup is taken first. Approve the migration: "
            f"kubectl annotate {on} -n team --overwrite releaseflow.dev/approve=shop-1-abc"
        )

"""Each gate of a run, asked by itself: one sentence for each thing that keeps it closed, or opens it."""

from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.migration_run import BackupStatus, MigrationRunStatus, StepName, StepOutcome, StepStatus
from releaseflow.api.reasons import Reason
from releaseflow.core.clock import timestamp
from releaseflow.core.decision import Opened, Waiting
from releaseflow.core.names import job_name
from releaseflow.core.observed import ABSENT, ContainerSeen, PodPhase
from releaseflow.core.run.actions import CreateJob, TakeLock
from releaseflow.core.run.backup import backup_is_taken, backup_is_verified
from releaseflow.core.run.decide import migration_is_approved
from releaseflow.core.run.lock import database_is_locked
from releaseflow.core.run.look import nothing_is_pending
from releaseflow.core.run.migration import migration_is_done
from releaseflow.core.run.observed import DatabaseState, FlowOfRun, Rival, RunObserved, WorkloadSeen
from tests.unit.core import scenes
from tests.unit.core.scenes import LATER, NOW, RUN_UID

LOOK, BACK_UP, MIGRATE = StepName.LOOK, StepName.BACK_UP, StepName.MIGRATE
BACKUP = BackupStatus(volume_claim_name="b", path="p", size_bytes=1, sha256="5a" * 32, proof="read back")


def under_way(name: StepName, **facts: Any) -> StepStatus:
    """Return the record of a step whose Job is wanted."""
    known: dict[str, Any] = {
        "name": name,
        "job_name": job_name("shop-1-abc", RUN_UID, name, 1),
        "template_hash": f"hash-of-{name.value}",
        "start_time": timestamp(NOW),
    }
    return StepStatus(**(known | facts))


def with_steps(*steps: StepStatus, **facts: Any) -> RunObserved:
    """Return a run with a record of steps."""
    return scenes.run(status=MigrationRunStatus(steps=steps), **facts)


LOCKED: dict[str, tuple[dict[str, Any], Reason]] = {
    "a lock of one's own is open": ({}, Reason.OPENED),
    "a lock that does not exist is taken": ({"lock": ABSENT}, Reason.STARTING),
    "a free lock is taken": ({"lock": scenes.lock(holder_uid="")}, Reason.STARTING),
    "an older rival goes first": (
        {"lock": ABSENT, "rivals": (Rival(NOW - timedelta(1), "z"),)},
        Reason.LOCK_HELD,
    ),
    "of rivals of one age the smaller UID goes first": (
        {"lock": ABSENT, "rivals": (Rival(NOW, "a"),)},
        Reason.LOCK_HELD,
    ),
    "a younger rival waits": ({"lock": ABSENT, "rivals": (Rival(LATER, "a"),)}, Reason.STARTING),
    "a living holder is waited for": ({"lock": scenes.lock(holder_uid="other")}, Reason.LOCK_HELD),
    "a pod of a holder that is gone is waited for": (
        {"lock": scenes.lock(holder_uid="other", holder_exists=False, holder_pod_alive=True)},
        Reason.LOCK_HELD,
    ),
    "a holder that is gone leaves an unknown database": (
        {"lock": scenes.lock(holder_uid="other", holder_exists=False)},
        Reason.DATABASE_UNKNOWN,
    ),
    "a person may have a lock taken over": (
        {
            "lock": scenes.lock(holder_uid="other", holder_exists=False),
            "spec": scenes.run_spec(acceptUnknownDatabase=True),
        },
        Reason.STARTING,
    ),
    "an unknown database stops the run": (
        {"lock": scenes.lock(holder_uid="", database=DatabaseState.UNKNOWN)},
        Reason.DATABASE_UNKNOWN,
    ),
    "a run of the same name that was here before stops the run": (
        {"lock": scenes.lock(holder_uid="", last_name="shop-1-abc", last_uid="gone")},
        Reason.OUTCOME_UNKNOWN,
    ),
    "a run by hand of the name of one that is gone, restored or made again": (
        {
            "lock": scenes.lock(holder_uid="", last_name="shop-1-abc", last_uid="gone"),
            "spec": scenes.run_spec(flowRef=None),
        },
        Reason.OUTCOME_UNKNOWN,
    ),
    "no lock is taken without a workload": (
        {"lock": ABSENT, "workload": ABSENT},
        Reason.TARGET_NOT_FOUND,
    ),
    "no lock is taken without a container": (
        {"lock": ABSENT, "workload": WorkloadSeen(container_found=False)},
        Reason.CONTAINER_NOT_FOUND,
    ),
}


@pytest.mark.parametrize("says", LOCKED)
def test_locked(says: str) -> None:
    facts, reason = LOCKED[says]
    verdict = database_is_locked(scenes.run(**facts)).verdict
    assert verdict.reason is reason
    takes = isinstance(verdict, Waiting) and isinstance(verdict.action, TakeLock)
    assert takes == (reason is Reason.STARTING)


def job(step: StepName, **facts: Any) -> tuple[tuple[StepName, Any], ...]:
    """Return the only Job that there is."""
    known: dict[str, Any] = {"name": job_name("shop-1-abc", RUN_UID, step, 1), "template_hash": f"hash-of-{step.value}"}
    return ((step, scenes.job(**(known | facts))),)


LOOKED = scenes.pod(LOOK, PodPhase.SUCCEEDED, scenes.container("look"))
CHECKED: dict[str, tuple[RunObserved, Reason]] = {
    "without a check it is open": (
        scenes.run(spec=scenes.run_spec(migration={"command": ["migrate"]})),
        Reason.NOT_CHECKED,
    ),
    "with a check of one's own it looks": (
        scenes.run(spec=scenes.run_spec(migration={"command": ["migrate"], "check": {"command": ["check"]}})),
        Reason.LOOKING,
    ),
    "the intent is recorded first": (scenes.run(), Reason.LOOKING),
    "an answer that is recorded stands": (
        with_steps(under_way(LOOK, outcome=StepOutcome.SUCCEEDED, exit_code=2)),
        Reason.MIGRATION_PENDING,
    ),
    "0 means that nothing is pending": (
        with_steps(under_way(LOOK), jobs=job(LOOK, complete=True), pods=(LOOKED,)),
        Reason.NOTHING_PENDING,
    ),
    "0 of another image means nothing": (
        with_steps(
            under_way(LOOK),
            jobs=job(LOOK, complete=True),
            pods=(scenes.pod(LOOK, PodPhase.SUCCEEDED, scenes.container("look", image="evil:1")),),
        ),
        Reason.LOOKING,
    ),
    "the exit code in the Job's condition is enough to go on": (
        with_steps(under_way(LOOK), jobs=job(LOOK, failed=True, failed_exit_code=1)),
        Reason.MIGRATION_PENDING,
    ),
    "a pod of a lost Job does not count": (
        with_steps(under_way(LOOK), jobs=job(LOOK, failed=True, uid="other"), pods=(LOOKED,)),
        Reason.LOOKING,
    ),
    "a Job that waits for its pod is waited for": (with_steps(under_way(LOOK), jobs=job(LOOK)), Reason.LOOKING),
    "a template that changed is recorded anew before the Job is made": (
        with_steps(under_way(LOOK, template_hash="old")),
        Reason.LOOKING,
    ),
}


@pytest.mark.parametrize("says", CHECKED)
def test_checked(says: str) -> None:
    seen, reason = CHECKED[says]
    assert nothing_is_pending(seen).verdict.reason is reason


def test_a_job_is_made_only_as_it_was_recorded() -> None:
    verdict = nothing_is_pending(with_steps(under_way(LOOK))).verdict
    assert isinstance(verdict, Waiting)
    assert isinstance(verdict.action, CreateJob)
    changed = nothing_is_pending(with_steps(under_way(LOOK, template_hash="old")))
    assert isinstance(changed.verdict, Waiting)
    assert changed.verdict.action is ABSENT
    assert changed.record.steps[0].template_hash == "hash-of-Look"


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        (scenes.container("dump", 137, ended_by="OOMKilled"), Reason.OUT_OF_MEMORY),
        (scenes.container("proof", 2, "checksum differs"), Reason.BACKUP_UNVERIFIED),
        (scenes.container("proof", 2, scenes.failure_says("NobodyKnows")), Reason.BACKUP_UNVERIFIED),
        (scenes.container("dump", 1, scenes.failure_says("ClientTooOld")), Reason.CLIENT_TOO_OLD),
    ],
)
def test_why_a_backup_failed_is_told(container: ContainerSeen, reason: Reason) -> None:
    pods = (scenes.pod(BACK_UP, PodPhase.FAILED, container),)
    turn = backup_is_taken(with_steps(under_way(BACK_UP), jobs=job(BACK_UP, failed=True), pods=pods))
    assert turn.verdict.reason is reason
    assert turn.record.failure is not None
    assert turn.record.failure.exit_code == container.exit_code


def test_a_backup_is_good_only_with_a_proof() -> None:
    done = under_way(BACK_UP, outcome=StepOutcome.SUCCEEDED)
    proven = scenes.run(status=MigrationRunStatus(steps=(done,), backup=BACKUP))
    assert isinstance(backup_is_taken(proven).verdict, Opened)
    assert isinstance(backup_is_verified(proven).verdict, Opened)
    for backup in (None, BACKUP.model_copy(update={"proof": ""})):
        seen = scenes.run(status=MigrationRunStatus(steps=(done,), backup=backup))
        assert backup_is_verified(seen).verdict.reason is Reason.BACKUP_UNVERIFIED


def test_old_backups_that_stay_are_told_and_stop_nothing() -> None:
    ended = (scenes.container("dump", 0, scenes.dump_says()), scenes.container("proof", 0, scenes.proof_says()))
    prune = scenes.container("prune", 0, '{"ok":true,"pruned":[],"warning":"1.dump is another backup"}')
    pods = (scenes.pod(BACK_UP, PodPhase.SUCCEEDED, *ended, prune),)
    taken = backup_is_taken(with_steps(under_way(BACK_UP), jobs=job(BACK_UP, complete=True), pods=pods))
    verified = backup_is_verified(scenes.run(status=taken.record))
    assert isinstance(verified.verdict, Opened)
    assert verified.verdict.message.endswith("Old backups stay: 1.dump is another backup")


def test_an_approval_opens_the_way_to_the_migration() -> None:
    approved = scenes.run(flow=FlowOfRun(scenes.NEW, 1, approved=True))
    assert isinstance(migration_is_approved(approved).verdict, Opened)
    for waits in (scenes.run(), scenes.run(spec=scenes.run_spec(flowRef=None), flow=ABSENT)):
        verdict = migration_is_approved(waits).verdict
        assert isinstance(verdict, Waiting)
        assert "releaseflow.dev/approve=shop-1-abc" in verdict.message


ENDED = scenes.pod(MIGRATE, PodPhase.FAILED, scenes.container("migrate", 1))
GOOD = scenes.pod(
    MIGRATE,
    PodPhase.SUCCEEDED,
    scenes.container("migrate"),
    scenes.container("report", message=scenes.schema_says()),
)
RECORDED = under_way(MIGRATE, job_uid=scenes.JOB_UID)
MIGRATED: dict[str, tuple[RunObserved, Reason]] = {
    "the intent is recorded first": (scenes.run(), Reason.MIGRATING),
    "the Job is made": (with_steps(under_way(MIGRATE)), Reason.MIGRATING),
    "a recorded Job that is absent is unknown": (with_steps(RECORDED), Reason.OUTCOME_UNKNOWN),
    "a recorded Job that carries another attempt is unknown": (
        with_steps(RECORDED, jobs=job(MIGRATE, attempt=2)),
        Reason.OUTCOME_UNKNOWN,
    ),
    "a Job without a pod that says failed counts as interrupted": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True)),
        Reason.INTERRUPTED,
    ),
    "a failed Job whose pod never started did not begin": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(scenes.pod(MIGRATE, PodPhase.FAILED),)),
        Reason.NOT_STARTED,
    ),
    "a pod on a lost node may have begun": (
        with_steps(
            RECORDED,
            jobs=job(MIGRATE, failed=True),
            pods=(
                scenes.pod(MIGRATE, PodPhase.FAILED, scenes.container("migrate", None, started=False), node_lost=True),
            ),
        ),
        Reason.INTERRUPTED,
    ),
    "a failed Job with a living pod is waited for": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(scenes.pod(MIGRATE, PodPhase.PENDING),)),
        Reason.MIGRATING,
    ),
    "an exit code is told": (
        with_steps(RECORDED, jobs=job(MIGRATE, failed=True), pods=(ENDED,)),
        Reason.MIGRATION_FAILED,
    ),
    "two pods prove nothing": (
        with_steps(RECORDED, jobs=job(MIGRATE, complete=True), pods=(GOOD, GOOD)),
        Reason.OUTCOME_UNVERIFIED,
    ),
    "a given up Job that is suspended waits for its pod": (
        with_steps(
            under_way(MIGRATE, job_uid=scenes.JOB_UID, given_up=Reason.QUOTA_EXCEEDED),
            jobs=job(MIGRATE, suspended=True, edited=True),
            pods=(scenes.pod(MIGRATE, PodPhase.PENDING),),
        ),
        Reason.STOPPING,
    ),
    "a pod that vanished unread when its Job was given up may have begun": (
        with_steps(
            under_way(MIGRATE, job_uid=scenes.JOB_UID, given_up=Reason.QUOTA_EXCEEDED, pod_name="pod"),
            jobs=job(MIGRATE, suspended=True, edited=True),
        ),
        Reason.INTERRUPTED,
    ),
    "a resumed Job that its controller has not looked at has its whole time": (
        with_steps(RECORDED, jobs=job(MIGRATE, edited=True, start_time=None, created=NOW - timedelta(hours=9))),
        Reason.MIGRATING,
    ),
    "an outcome that stands without the run's is not trusted": (
        with_steps(under_way(MIGRATE, job_uid=scenes.JOB_UID, outcome=StepOutcome.SUCCEEDED)),
        Reason.OUTCOME_UNKNOWN,
    ),
}


@pytest.mark.parametrize("says", MIGRATED)
def test_migrated(says: str) -> None:
    seen, reason = MIGRATED[says]
    assert migration_is_done(seen).verdict.reason is reason

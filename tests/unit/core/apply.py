"""What actions do to the world of the tests; each checks what must never happen."""

from dataclasses import dataclass, replace
from typing import Any

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, JobFacts
from releaseflow.core.flow.actions import CreateRun, DeleteRun, FenceTarget, FlowAction, SetImage
from releaseflow.core.outcomes import SUCCESSFUL
from releaseflow.core.run.actions import (
    AddFinalizer,
    CreateJob,
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
    StartMigration,
    SuspendJob,
    TakeLock,
    TakeOverLock,
)
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.workloads.workload import Rollout
from tests.unit.core.objects import FlowThing, RunThing
from tests.unit.core.observe import Observed


@dataclass
class Acting(Observed):
    """A world that actions have their effect on."""

    def _names_what_was_seen(self, action: FlowAction | RunAction) -> None:
        """See that an action names exactly the object that it is meant for: the API server refuses any other."""
        match action:
            case FenceTarget() | SetImage():
                here = self.targets[action.name]
                seen = here.uid, here.resource_version
            case DeleteRun():
                seen = self.runs[action.name].uid, "1"
            case RemovePodFinalizer():
                seen = self.pods[action.name].seen.uid, "1"
            case StartMigration() | SuspendJob() | DeleteJob() | RemoveJobFinalizer():
                seen = self.jobs[action.name][1].uid, "1"
            case TakeLock() | ReleaseLock():
                assert action.lock is ABSENT or action.lock.uid in {lock.uid for lock in self.locks.values()}
                return
            case DeleteLock():
                assert (action.uid, action.resource_version) in {
                    (k.uid, k.resource_version) for k in self.locks.values()
                }
                return
            case _:
                return
        assert (action.uid, action.resource_version) == seen

    def _act_for_flow(self, flow: FlowThing, action: FlowAction) -> None:
        self._names_what_was_seen(action)
        match action:
            case FenceTarget():
                self._touch(action.name, fence=action.fence, managed=True)
            case CreateRun():
                assert action.name not in self.runs
                self.runs[action.name] = RunThing(action.name, self.uid("run"), action.spec, self.now)
            case SetImage():
                self._set_image(flow, action)
            case DeleteRun():
                self.delete_run(action.name)

    def _set_image(self, flow: FlowThing, action: SetImage) -> None:
        release = flow.status.release
        assert release is not None
        for _, image in (*action.images, *action.init_images):
            ran = self.runs.get(release.run)
            succeeded = release.run_outcome in SUCCESSFUL or (ran is not None and ran.status.outcome in SUCCESSFUL)
            known = (target for target in flow.status.targets if target.name == action.name)
            good = {container.good_image for target in known for container in target.containers}
            assert image in good or (succeeded and image == release.image), "an image before its migration"
        here = self.targets[action.name]
        facts: dict[str, Any] = {
            "images": tuple((dict(here.images) | dict(action.images)).items()),
            "init_images": tuple((dict(here.init_images) | dict(action.init_images)).items()),
            "restarted_for": action.restart_for or here.restarted_for,
        }
        self._touch(action.name, rollout=Rollout.UNOBSERVED, **facts)

    def _act_for_run(self, run: RunThing, action: RunAction) -> None:  # noqa: C901 (one case for each action)
        self._names_what_was_seen(action)
        key = run.spec.database.effective_lock_key
        match action:
            case AddFinalizer():
                run.has_finalizer = True
            case RemoveFinalizer():
                run.has_finalizer = False
                if run.deleting:
                    del self.runs[run.name]
            case TakeLock():
                self._take_lock(run, key, action)
            case ReleaseLock():
                assert not any(t.seen.alive for t in self.pods.values() if t.run_uid == run.uid)
                facts: dict[str, Any] = {"database": action.database, "identity": action.identity}
                unknown = run.name if action.database is not DatabaseState.CLEAN else ""
                self.locks[key] = replace(
                    self.locks[key],
                    holder_uid="",
                    holder_name="",
                    had_tables=action.had_tables,
                    tables_namespace_uid=action.tables_namespace_uid,
                    unknown_since=unknown,
                    **facts,
                )
            case DeleteLock():
                assert not any(t.seen.alive for t in self.pods.values() if t.run_uid == run.uid)
                assert run.status.outcome is not None
                assert self.locks.pop(key).uid == action.uid
            case CreateJob():
                self._create_job(run, action)
            case StartMigration():
                self._start(run, action)
            case SuspendJob():
                step, job = self.jobs[action.name]
                assert not any(t.seen.started for t in self.pods.values() if t.seen.job_uid == job.uid)
                self.suspend(action.name)
            case DeleteJob():
                self.delete_job(action.name)
            case RemovePodFinalizer():
                assert not self.pods[action.name].seen.alive
                assert run.status.outcome is not None
                self.pods[action.name].seen = replace(self.pods[action.name].seen, has_finalizer=False)
            case RemoveJobFinalizer():
                assert run.status.outcome is not None
                step, job = self.jobs[action.name]
                self.jobs[action.name] = step, replace(job, has_finalizer=False, expires=True, edited=True)
        self._sweep()

    def _take_lock(self, run: RunThing, key: str, action: TakeLock) -> None:
        old = self.locks.get(key, LockFacts(key, self.uid("lock"), "1"))
        assert not old.holder_uid or isinstance(action, TakeOverLock)
        facts: dict[str, Any] = {"holder_uid": run.uid, "holder_name": run.name, "unknown_since": ""}
        last: dict[str, Any] = {"last_name": run.name, "last_uid": run.uid, "namespace_uid": self.namespace_uid}
        self.locks[key] = replace(old, database=DatabaseState.IN_USE, **facts, **last)

    def _create_job(self, run: RunThing, action: CreateJob) -> None:
        assert action.name not in self.jobs
        assert self.locks[run.spec.database.effective_lock_key].holder_uid == run.uid
        migrates = action.step is StepType.MIGRATE
        job = JobFacts(
            action.name,
            self.uid("job"),
            "1",
            run.uid,
            action.attempt,
            action.template_hash,
            self.now,
            suspended=migrates,
            has_finalizer=migrates,
            expires=action.step is StepType.CHECK,
        )
        self.jobs[action.name] = action.step, job
        self.images[run.uid] = run.spec.image

    def _start(self, run: RunThing, action: StartMigration) -> None:
        step, job = self.jobs[action.name]
        assert [s.job_uid for s in run.status.steps if s.type is step] == [job.uid] == [action.uid]
        assert run.status.backup is not None
        self.jobs[action.name] = step, replace(job, suspended=False, edited=True)

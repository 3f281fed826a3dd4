"""What an operator observes: the cache where that serves, the store where it must."""

from typing import NamedTuple

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.run.observe_starting import starting_matters
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import Fence
from releaseflow.core.names import hook_job_name, job_name
from releaseflow.core.run.left_behind import may_be_asked
from releaseflow.core.run.next_hook import hook_to_observe
from releaseflow.core.tools import runs_at_startup
from tests.model import interning
from tests.model.objects import (
    SHELVES,
    FlowBody,
    JobBody,
    Kind,
    LockBody,
    PodBody,
    RunBody,
    StoredObject,
    TargetBody,
)
from tests.model.state import Store, informed


class RunObservation(NamedTuple):
    """All that a decision about a run depends on."""

    run: StoredObject
    flow: StoredObject | None
    lock: StoredObject | None
    holder_exists: bool
    holder_pod_alive: bool
    waiters: tuple[StoredObject, ...]
    workload: bool
    jobs: tuple[StoredObject | None, ...]
    pods: tuple[StoredObject, ...]
    clock: float
    earlier: StoredObject | None = None
    """The run that a Down names, as long as what it recorded is not taken over."""
    flows: tuple[StoredObject, ...] = ()
    """Flows with the lock key of a Down."""
    starting: tuple[StoredObject | None, StoredObject | None] = (None, None)
    """The target in which the migration runs, as it was seen, and live, as its pods are."""
    past_jobs: tuple[StoredObject, ...] = ()
    """Jobs of earlier attempts at the backup: no pod of an explored backup fails in a way that is tried again."""


class FlowObservation(NamedTuple):
    """All that a decision about a flow depends on."""

    flow: StoredObject
    targets: tuple[StoredObject | None, ...]
    owners: tuple[bool, ...]
    """Whether the flow that a target's fence names exists."""
    run: StoredObject | None
    runs: tuple[StoredObject, ...]
    clock: float
    runner: StoredObject | None = None
    """The workload that the flow's migrations are executed in."""
    further: tuple[StoredObject, ...] = ()
    """The release's other runs whose outcome is not recorded."""


class Observer:
    """One look; live, it asks the API server for everything that the controllers would ask for."""

    def __init__(self, store: Store, view: Store, clock: float, *, live: bool = False) -> None:
        self.store, self.view, self.clock, self.live = store, view, clock, live
        self.asked: set[tuple[Kind, str]] = set()
        """What the API server was asked for: the view shows the answers."""
        self.has_asked = False
        """Whether it was asked for anything, be it for a list that is empty."""

    def ask(self, kind: Kind, name: str) -> StoredObject | None:
        """Return an object as the API server has it."""
        self.has_asked = True
        self.asked.add((kind, name))
        return SHELVES[self.store[kind]].by_name.get(name)

    def list_live(self, kind: Kind) -> tuple[StoredObject, ...]:
        """Return all objects of a kind as the API server has them."""
        self.has_asked = True
        things = SHELVES[self.store[kind]].things
        self.asked.update((kind, thing.name) for thing in things)
        return things

    def informed(self) -> Store:
        """Return the view as it is after all answers."""
        view = self.view
        for kind in {kind for kind, _ in self.asked}:
            view = informed(view, self.store, kind, frozenset(name for of, name in self.asked if of is kind))
        return view

    def cached(self, kind: Kind, name: str) -> StoredObject | None:
        """Return an object if the view has it; its absence says nothing."""
        return SHELVES[self.view[kind]].by_name.get(name)

    def get(self, kind: Kind, name: str) -> StoredObject | None:
        """Return an object; None only where the API server has just said that there is none."""
        return self.ask(kind, name) if self.live else self.cached(kind, name) or self.ask(kind, name)

    def all_of(self, kind: Kind) -> tuple[StoredObject, ...]:
        """Return all objects of a kind."""
        return self.list_live(kind) if self.live else SHELVES[self.view[kind]].things

    def flow(self, name: str) -> FlowObservation | None:
        """Look at a flow, its run and its targets."""
        flow = self.get(Kind.FLOW, name)
        if flow is None or not isinstance(flow.body, FlowBody):
            return None
        release = interning.FLOW_STATUSES[flow.body.status].release
        spec = interning.FLOW_SPECS[flow.body.spec]
        targets = tuple(self.get(Kind.TARGET, target.name) for target in spec.targets)
        where = spec.migration.running_container
        further = release.further_runs if release is not None else ()
        names = [known.run for known in further if known.outcome is None]
        return FlowObservation(
            flow,
            targets,
            tuple(self._fence_owner_exists(flow, target) for target in targets),
            self.get(Kind.RUN, release.run) if release is not None else None,
            tuple(run for run in self.all_of(Kind.RUN) if interning.flow_uid_of(run) == flow.uid),
            self.clock,
            None if where is None else self.get(Kind.TARGET, where.workload_ref.name),
            tuple(run for name in names if (run := self.get(Kind.RUN, name)) is not None),
        )

    def _fence_owner_exists(self, flow: StoredObject, target: StoredObject | None) -> bool:
        if target is None or not isinstance(target.body, TargetBody) or not isinstance(target.body.fence, Fence):
            return False
        fence = target.body.fence
        if fence.flow_uid == flow.uid:
            return True
        owner = self.get(Kind.FLOW, fence.flow_name)
        return owner is not None and owner.uid == fence.flow_uid

    def run(self, name: str) -> RunObservation | None:
        """Look at a run, its lock and its Jobs."""
        run = self.get(Kind.RUN, name)
        if run is None or not isinstance(run.body, RunBody):
            return None
        spec, status = interning.RUN_SPECS[run.body.spec], interning.RUN_STATUSES[run.body.status]
        jobs = tuple(self._job(run, step) for step in StepType)
        pods = self._pods(run, jobs)
        lock = self.get(Kind.LEASE, spec.lock_key)
        exists, alive = self._holder(run, lock)
        ref = spec.flow_ref
        flow = self.get(Kind.FLOW, ref.name) if ref is not None else None
        wants = status.outcome is None or may_be_asked(spec, status)
        return RunObservation(
            run,
            flow if flow is not None and ref is not None and flow.uid == ref.uid else None,
            lock,
            exists,
            alive,
            tuple(other for other in self.all_of(Kind.RUN) if interning.are_rivals(run, other)),
            wants and (not spec.inherits or self.get(Kind.TARGET, spec.workload_ref.name) is not None),
            jobs,
            pods,
            self.clock,
            self.get(Kind.RUN, spec.down.run_name) if spec.down is not None and status.down is None else None,
            self._flows_of_database(spec) if status.outcome is None else (),
            starting=self._starting(run, spec, status),
        )

    def _flows_of_database(self, spec: MigrationRunSpec) -> tuple[StoredObject, ...]:
        """Return the flows with the lock key of a Down: the cache names them, and each is read."""
        if spec.down is None:
            return ()
        known = [flow for flow in SHELVES[self.view[Kind.FLOW]].things if interning.lock_key_of(flow) == spec.lock_key]
        found = (self.get(Kind.FLOW, flow.name) for flow in known)
        return tuple(flow for flow in found if flow is not None)

    def _starting(
        self, run: StoredObject, spec: MigrationRunSpec, status: MigrationRunStatus
    ) -> tuple[StoredObject | None, StoredObject | None]:
        """Read the target of a run whose migration runs there, once that may be about to begin, and its pods live."""
        if not runs_at_startup(spec) or not starting_matters(status, held=run.held):
            return None, None
        seen = self.get(Kind.TARGET, spec.workload_ref.name)
        self.has_asked = True
        return seen, SHELVES[self.store[Kind.TARGET]].by_name.get(spec.workload_ref.name)

    def _job(self, run: StoredObject, step: StepType) -> StoredObject | None:
        """Read the Job of a step; its absence is asked for where it would mean something."""
        assert isinstance(run.body, RunBody)
        record = interning.step_of(run.body.spec, run.body.status, step)
        name = record.job_name if record is not None else first_job_name(run, step)
        seen = self.cached(Kind.JOB, name)
        if record is None or (record.outcome is not None and (step is not StepType.MIGRATE or not run.held)):
            return seen
        if self.live or (seen is None and record.job_uid):
            return self.get(Kind.JOB, name)
        return seen

    def _pods(self, run: StoredObject, jobs: tuple[StoredObject | None, ...]) -> tuple[StoredObject, ...]:
        """Return the pods of a run; asked for where a Job says that it ended and its pod does not say so yet."""
        assert isinstance(run.body, RunBody)
        pods = pods_of(self.all_of(Kind.POD), run.uid)
        if self.live:
            return pods
        for step, job in zip(StepType, jobs, strict=True):
            if self._leaves_doubt(run.body, step, job, pods):
                return pods_of(self.list_live(Kind.POD), run.uid)
        return pods

    def _leaves_doubt(
        self, run: RunBody, step: StepType, job: StoredObject | None, pods: tuple[StoredObject, ...]
    ) -> bool:
        record = interning.step_of(run.spec, run.status, step)
        if record is None or record.outcome is not None or job is None or not isinstance(job.body, JobBody):
            return False
        bodies = [pod.body for pod in pods if isinstance(pod.body, PodBody) and pod.body.job_uid == job.uid]
        job_is_over = job.body.ended or job.deleting
        return record.given_up is not None or (job_is_over and not (bodies and all(body.over for body in bodies)))

    def _holder(self, run: StoredObject, lock: StoredObject | None) -> tuple[bool, bool]:
        """Tell whether the holder of a lock exists, and whether a pod of it may be at work."""
        if lock is None or not isinstance(lock.body, LockBody) or lock.body.holder_uid in {"", run.uid}:
            return lock is not None and isinstance(lock.body, LockBody) and bool(lock.body.holder_uid), False
        holder = lock.body.holder_uid
        seen = self.cached(Kind.RUN, lock.body.holder_name)
        if seen is not None and seen.uid == holder and not self.live:
            return True, False
        asked = self.ask(Kind.RUN, lock.body.holder_name)
        if asked is not None and asked.uid == holder:
            return True, False
        pods = pods_of(self.list_live(Kind.POD), holder)
        return False, any(isinstance(pod.body, PodBody) and pod.body.alive for pod in pods)


def pods_of(pods: tuple[StoredObject, ...], run_uid: str) -> tuple[StoredObject, ...]:
    """Return the pods that carry a run's UID."""
    return tuple(pod for pod in pods if isinstance(pod.body, PodBody) and pod.body.run_uid == run_uid)


_JOB_NAMES: dict[tuple[str, str], str] = {}


def first_job_name(run: StoredObject, step: StepType) -> str:
    """Return the name of the first attempt's Job; of the hooks, of the one whose Job matters."""
    read = interning.run_read(run)
    hook = hook_to_observe(read.spec, read.status) if step is StepType.HOOK else ABSENT
    of = step.value if hook is ABSENT else hook.name
    name = _JOB_NAMES.get((run.uid, of))
    if name is None:
        once = job_name(run.name, run.uid, step, 1) if hook is ABSENT else hook_job_name(run.name, run.uid, hook.name)
        name = _JOB_NAMES[run.uid, of] = once
    return name

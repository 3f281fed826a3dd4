"""What there is in the world of the tests, what people do to it, and what its controllers make of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PendingCause, PodFacts, PodPhase
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.run.facts import LockFacts, RunObserved
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.pod_outcomes import BACKED_UP, CHECKED, MIGRATED, Fate
from tests.unit.core.objects import FlowThing, PodThing, RunThing


@dataclass
class Cluster:
    """Everything that there is."""

    now: datetime = builders.NOW
    flows: dict[str, FlowThing] = field(default_factory=dict)
    runs: dict[str, RunThing] = field(default_factory=dict)
    locks: dict[str, LockFacts] = field(default_factory=dict)
    jobs: dict[str, tuple[StepType, JobFacts]] = field(default_factory=dict)
    pods: dict[str, PodThing] = field(default_factory=dict)
    targets: dict[str, TargetFacts] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    """Image of each run, by its UID."""
    fates: dict[StepType, list[Fate]] = field(default_factory=dict)
    stays: dict[StepType, PodPhase] = field(default_factory=dict)
    """Steps whose pods are held back in a phase."""
    pending_causes: dict[StepType, PendingCause] = field(default_factory=dict)
    podless: bool = False
    """Whether a quota keeps Jobs from getting pods."""
    broken: set[tuple[str, str]] = field(default_factory=set)
    """Target and image that do not come up."""
    rejection: PendingCause | Absent = ABSENT
    namespace_uid: str = "namespace-uid"
    """Empty where it may not be read."""
    keys_of_identity: tuple[str, ...] = ()
    writes: list[str] = field(default_factory=list)
    happened: list[object] = field(default_factory=list)
    """All actions, in order."""
    uids: int = 0
    seen_flows: list[FlowObserved] = field(default_factory=list)
    seen_runs: list[RunObserved] = field(default_factory=list)
    """Everything that led to a write, in order."""

    # What people do

    def uid(self, what: str) -> str:
        """Return a UID that was never given before."""
        self.uids += 1
        return f"{what}-uid-{self.uids}"

    def add_flow(self, name: str = "shop", **spec: Any) -> FlowThing:
        """Create a flow."""
        self.flows[name] = FlowThing(name, self.uid(name), builders.flow_spec(**spec))
        return self.flows[name]

    def edit(self, name: str = "shop", **facts: Any) -> None:
        """Change fields of a flow's spec, named as in YAML."""
        flow = self.flows[name]
        flow.spec = ReleaseFlowSpec.model_validate(flow.spec.model_dump(by_alias=True, exclude_none=True) | facts)
        flow.generation += 1

    def command(self, name: str = "shop", **commands: str) -> None:
        """Annotate a flow."""
        flow = self.flows[name]
        flow.commands = replace(flow.commands, **commands)

    def delete_run(self, name: str) -> None:
        """Delete a run as kubectl does."""
        run = self.runs[name]
        run.deleting = True
        if not run.has_finalizer:
            del self.runs[name]

    def delete_job(self, name: str) -> None:
        """Delete a Job in the background."""
        step, job = self.jobs[name]
        self.jobs[name] = step, replace(job, deleting=True)
        self._sweep()

    def strip_job(self, name: str) -> None:
        """Delete a Job, its finalizer and its link to its pods."""
        del self.jobs[name]

    def delete_pod(self, name: str) -> None:
        """Delete a pod: its containers get a signal, and it stays where our finalizer is on it."""
        pod = self.pods[name].seen
        if pod.alive:
            ended = tuple(replace(c, exit_code=143) if c.started else c for c in pod.containers)
            pod = replace(pod, phase=PodPhase.FAILED, containers=ended)
        self.pods[name].seen = replace(pod, deleting=True)
        self._sweep()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def _touch(self, name: str, **facts: Any) -> None:
        here = self.targets[name]
        self.targets[name] = replace(here, resource_version=f"{here.resource_version}+", **facts)

    def set_image(self, image: str, name: str = "shop") -> None:
        """Change a target's image past the operator."""
        self._touch(name, images=tuple((c, image) for c, _ in self.targets[name].images), rollout=Rollout.UNOBSERVED)

    def suspend(self, name: str) -> None:
        """Suspend a Job: its pods are deleted."""
        step, job = self.jobs[name]
        self.jobs[name] = step, replace(job, suspended=True, edited=True, start_time=None)

    # Controllers

    def controllers(self) -> bool:
        """Let each controller do one thing; tell whether one did."""
        before = (dict(self.jobs), {n: t.seen for n, t in self.pods.items()}, dict(self.targets))
        for name in list(self.jobs):
            self._job_controller(name)
        for name, here in self.targets.items():
            self.targets[name] = self._rolled(here)
        return before != (self.jobs, {n: t.seen for n, t in self.pods.items()}, self.targets)

    def _rolled(self, here: TargetFacts) -> TargetFacts:
        if here.rollout is Rollout.UNOBSERVED:
            return replace(here, rollout=Rollout.PROGRESSING)
        if here.rollout is Rollout.PROGRESSING:
            broken = (here.name, here.images[0][1]) in self.broken
            return replace(here, rollout=Rollout.FAILED if broken else Rollout.COMPLETE)
        return here

    def _job_controller(self, name: str) -> None:
        step, job = self.jobs[name]
        if job.complete or job.failed or job.deleting:
            return
        mine = [n for n, thing in self.pods.items() if thing.seen.job_uid == job.uid]
        if job.suspended:
            for pod in mine:
                self.delete_pod(pod)
            return
        job = replace(job, start_time=job.start_time or self.now)
        if not mine and not self.podless:
            self._new_pod(step, job)
        elif mine:
            job = self._pod_moves(step, job, mine[0])
        self.jobs[name] = step, job

    def _new_pod(self, step: StepType, job: JobFacts) -> None:
        name = f"{job.name}-pod"
        seen = PodFacts(name, self.uid("pod"), "1", step, job.uid, PodPhase.PENDING, has_finalizer=job.has_finalizer)
        self.pods[name] = PodThing(job.run_uid, seen)

    def _pod_moves(self, step: StepType, job: JobFacts, name: str) -> JobFacts:
        pod = self.pods[name].seen
        if self.stays.get(step) is pod.phase:
            return job
        fate = self.fates.get(step, [])[:1] or [{"Check": CHECKED, "Backup": BACKED_UP, "Migrate": MIGRATED}[step]]
        image = self.images[job.run_uid]
        match pod.phase:
            case PodPhase.PENDING:
                pod = replace(pod, phase=PodPhase.RUNNING, containers=fate[0].running(image))
            case PodPhase.RUNNING:
                pod = replace(pod, phase=fate[0].phase, containers=fate[0].ended(image))
            case _:
                if len(self.fates.get(step, [])) > 1:
                    self.fates[step].pop(0)
                return fate[0].judged(job) if not pod.deleting else replace(job, failed=True)
        self.pods[name].seen = pod
        return job

    def _sweep(self) -> None:
        """Remove what is deleted and kept by nobody."""
        for name, (_, job) in list(self.jobs.items()):
            if not job.deleting:
                continue
            for pod, thing in list(self.pods.items()):
                if thing.seen.job_uid == job.uid and not thing.seen.deleting:
                    self.delete_pod(pod)
            if not job.has_finalizer:
                self.jobs.pop(name, None)
        for name, thing in list(self.pods.items()):
            if thing.seen.deleting and not thing.seen.has_finalizer:
                self.pods.pop(name, None)

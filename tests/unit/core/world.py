"""A cluster in which decisions have their effect: both reconcilers play whole scenarios in it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import Target
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PendingCause, PodFacts
from releaseflow.core.flow import decide as flow_core
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.selection import may_choose, targets_in_effect
from releaseflow.core.run import decide as run_core
from releaseflow.core.run.actions import StartMigration, TakeLock
from releaseflow.core.run.facts import RunObserved, WorkloadFacts
from tests.model import facts, interning, writes
from tests.model.objects import JobBody, Kind, LockBody, StoredObject
from tests.model.observe import FlowObservation, Observer, RunObservation
from tests.model.operators import arrived
from tests.model.state import Write
from tests.support.pod_outcomes import NOTHING_PENDING
from tests.unit.core.cluster import Cluster
from tests.unit.core.kstatus import assert_meant
from tests.unit.core.messages import assert_known
from tests.unit.core.objects import Flow, Run

LONGEST_STORY = 5000


@dataclass
class World(Cluster):
    """A cluster, and the loop that brings it to rest."""

    rejection: PendingCause | Absent = ABSENT
    """What the API server refuses."""
    pending_causes: dict[StepType, PendingCause] = field(default_factory=dict)
    """Why pods of steps do not start."""
    namespace_uid: str = "namespace-uid"
    """Empty where it may not be read."""
    keys_of_identity: tuple[str, ...] = ()
    missing_policies: tuple[str, ...] = ()
    """Admission objects of mode Gate that the cluster does not have."""
    old_pods: tuple[str, ...] = ()
    """Pods of targets that have another image than the release."""
    chosen: tuple[Target, ...] = ()
    """What the selector of a flow chooses."""
    workload: WorkloadFacts = field(default_factory=WorkloadFacts)
    """What every workload has."""
    writes: list[str] = field(default_factory=list)
    happened: list[object] = field(default_factory=list)
    """All actions, in order."""
    seen_flows: list[FlowObserved] = field(default_factory=list)
    seen_runs: list[RunObserved] = field(default_factory=list)
    """Everything that led to a write, in order."""

    @property
    def flow(self) -> Flow:
        """The only flow, or the first one."""
        return next(iter(self.flows.values()))

    @property
    def release(self) -> Release:
        """The newest release of the flow."""
        assert self.flow.status.release is not None
        return self.flow.status.release

    @property
    def run(self) -> Run:
        """The run of the newest release."""
        return self.runs[self.release.run]

    def job(self, step: StepType) -> JobFacts:
        """Return the newest Job of a step."""
        return [job for name, job in self.jobs.values() if name is step][-1]

    def pod(self, step: StepType) -> PodFacts:
        """Return the newest pod of a step."""
        return [pod.seen for pod in self.pods.values() if pod.seen.step is step][-1]

    def image(self, name: str = "shop") -> str:
        """Return the image of a target."""
        return self.targets[name].images[0][1]

    def ready(self, name: str = "shop") -> tuple[str, Reason]:
        """Return status and reason of a flow's Ready condition."""
        found = condition(self.flows[name].status.conditions, READY)
        assert found is not None
        return found.status.value, found.reason

    def said(self, name: str = "shop") -> str:
        """Return the message of a flow's Ready condition."""
        found = condition(self.flows[name].status.conditions, READY)
        return "" if found is None else found.message

    def is_held(self, name: str = "shop") -> bool:
        """Whether admission holds a target."""
        return self.targets[name].held

    def serving(self, name: str = "shop") -> str:
        """Return the images that a flow says its targets run."""
        return self.flows[name].status.live_image

    def gate(self, kind: str) -> tuple[str, Reason]:
        """Return status and reason of one of the flow's conditions."""
        found = condition(self.flow.status.conditions, kind)
        assert found is not None, kind
        return found.status.value, found.reason

    def adopt(self) -> None:
        """Let everything go on where nothing is pending, and forget how it came to be so."""
        self.fates[StepType.CHECK] = [NOTHING_PENDING]
        self.play()
        self.fates.clear()
        self.writes.clear()
        self.happened.clear()

    def moves(self) -> list[tuple[str, str]]:
        """Return which target got which image, in order."""
        return [(action.name, action.images[0][1]) for action in self.happened if isinstance(action, SetImage)]

    def count(self, kind: type) -> int:
        """Return how many actions of a kind happened."""
        return sum(isinstance(action, kind) for action in self.happened)

    def play(self, until: "Callable[[World], bool]" = lambda _: False) -> "World":
        """Let everything go on until it rests, or until something is the case."""
        for _ in range(LONGEST_STORY):
            if until(self):
                return self
            if not (self.reconcile_once() or self.controllers()):
                self.assert_rest()
                return self
        raise AssertionError(f"no rest: {self.writes[-20:]}")

    def reconcile_once(self) -> bool:
        """Let one reconciler write once; tell whether one did."""
        return any(self._flow_writes(flow) for flow in self.in_order(Kind.FLOW)) or any(
            self._run_writes(run) for run in self.in_order(Kind.RUN)
        )

    def assert_rest(self) -> None:
        """At rest nothing is asked for, now or an hour later; only a deadline may change that."""
        later = self.now + timedelta(hours=1)
        for flow in self.in_order(Kind.FLOW):
            saw = self._flow_observed(self._flow_sight(flow))
            decided = flow_core.decide(saw)
            assert (decided.status, decided.action) == (saw.status, ABSENT) or self.is_refused
            assert decided.requeue_after is not None or flow_core.decide(replace(saw, now=later)) == decided
        for run in self.in_order(Kind.RUN):
            looked = self._run_observed(self._run_sight(run))
            ruled = run_core.decide(looked)
            assert (ruled.status, ruled.action) == (looked.status, ABSENT) or self.is_refused
            assert ruled.requeue_after is not None or run_core.decide(replace(looked, now=later)) == ruled

    @property
    def is_refused(self) -> bool:
        """Whether the API server refuses what is asked of it."""
        return self.rejection is not ABSENT

    def _flow_writes(self, flow: StoredObject) -> bool:
        observation = self._flow_sight(flow)
        seen = self._flow_observed(observation)
        decided = flow_core.decide(seen)
        if decided.status != seen.status or decided.action is not ABSENT:
            self.seen_flows.append(seen)
        return self._follows(flow, seen.status, decided, lambda action: writes.write_of_flow(observation, action))

    def _run_writes(self, run: StoredObject) -> bool:
        observation = self._run_sight(run)
        seen = self._run_observed(observation)
        decided = run_core.decide(seen)
        if decided.status != seen.status or decided.action is not ABSENT:
            self.seen_runs.append(seen)
        return self._follows(run, seen.status, decided, lambda action: self._write_of_run(observation, action))

    def _follows(
        self, thing: StoredObject, recorded: Any, decided: Decision[Any, Any], write_of: Callable[[Any], Write]
    ) -> bool:
        """Write the status by way of JSON, or act; tell whether anything was written."""
        assert_known(decided)
        match next_effect(decided, recorded, is_held_back=self.is_refused):
            case WriteStatus(status):
                assert interning.stored(status) == status
                assert_meant(status, status.observed_generation)
                self._arrives(writes.write_of_status(thing, status))
                self.writes.append(f"{thing.name}: status")
                return True
            case Act(action):
                self.writes.append(f"{thing.name}: {type(action).__name__}")
                self.happened.append(action)
                write = write_of(action)
                named = (getattr(action, "uid", write.uid), getattr(action, "resource_version", str(write.version)))
                assert named == (write.uid, str(write.version)), "an action names exactly the object that was seen"
                self._arrives(write)
                return True
            case Requeue():
                return False

    def _arrives(self, write: Write) -> None:
        """See that the model's API server takes a write, and that it breaks no invariant of the model."""
        change = arrived(self.cluster, write)
        assert change is not None, f"refused, or without any effect: {write}"
        assert not change.broken, change.broken
        self.cluster = change.after

    def _write_of_run(self, observation: RunObservation, action: Any) -> Write:
        """Return what the controllers write for an action; who takes a lock says in which namespace."""
        write = writes.write_of_run(observation, action)
        if isinstance(action, TakeLock) and write.after is not None and isinstance(write.after.body, LockBody):
            body = write.after.body._replace(namespace_uid=self.namespace_uid)
            return write._replace(after=write.after._replace(body=body))
        return write

    # What the controllers would hand to the core

    def _flow_sight(self, flow: StoredObject) -> FlowObservation:
        observation = self._eye().flow(flow.name)
        assert observation is not None
        targets = self._in_effect(observation)
        if not targets:
            return observation
        found = tuple(self.cluster.shelf(Kind.TARGET).by_name.get(target.name) for target in targets)
        return observation._replace(targets=found, owners=(True,) * len(found))

    def _in_effect(self, observation: FlowObservation) -> tuple[Target, ...]:
        """Return the targets of a flow with a selector."""
        flow = interning.flow_read(observation.flow)
        return targets_in_effect(flow.spec, flow.status, self.chosen) if flow.spec.target_selector else ()

    def _run_sight(self, run: StoredObject) -> RunObservation:
        observation = self._eye().run(run.name)
        assert observation is not None
        return observation._replace(past_jobs=self._past_jobs(run))

    def _eye(self) -> Observer:
        return Observer(self.cluster.store, self.cluster.store, self.ghost.clock, live=True)

    def _flow_observed(self, observation: FlowObservation) -> FlowObserved:
        seen = facts.flow_observed(observation)
        if seen.spec.target_selector is not None:
            spec = seen.spec.model_copy(update={"targets": self._in_effect(observation)})
            chosen = len(self.chosen) if may_choose(seen.spec, seen.status) else 0
            seen = replace(seen, spec=spec, chosen=chosen)
        targets = tuple(target if isinstance(target, Absent) else self.with_facts(target) for target in seen.targets)
        return replace(
            seen,
            rejection=self.rejection,
            old_pods=self.old_pods,
            missing_policies=self.missing_policies,
            targets=targets,
        )

    def _run_observed(self, observation: RunObservation) -> RunObserved:
        seen = facts.run_observed(observation)
        return replace(
            seen,
            rejection=self.rejection,
            workload=ABSENT if isinstance(seen.workload, Absent) else self.workload,
            keys_of_identity=self.keys_of_identity,
            jobs=tuple(
                (step, job if isinstance(job, Absent) else self._job_seen(step, job)) for step, job in seen.jobs
            ),
            pods=tuple(self.with_facts(pod) for pod in seen.pods),
        )

    def _job_seen(self, step: StepType, job: JobFacts | Absent) -> JobFacts | Absent:
        if isinstance(job, Absent):
            return job
        job = self.with_facts(job)
        started = any(pod.seen.started for pod in self.pods.values() if pod.seen.job_uid == job.uid)
        return job if started else replace(job, pending_cause=self.pending_causes.get(step, ABSENT))

    def _past_jobs(self, run: StoredObject) -> tuple[StoredObject, ...]:
        """Return the Jobs of earlier attempts at the backup of a run that is over."""
        status = self.runs[run.name].status
        recorded = {step.job_name for step in status.steps}
        return tuple(
            job
            for job in self.in_order(Kind.JOB)
            if isinstance(job.body, JobBody) and job.body.step is StepType.BACKUP and job.body.run_uid == run.uid
            if status.outcome is not None and job.name not in recorded
        )

    def migrations(self) -> Counter[str]:
        """Return how often each run's migration was started."""
        return Counter(action.name for action in self.happened if isinstance(action, StartMigration))

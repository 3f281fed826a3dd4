"""What users do to the objects of one scenario, and which moves of the model's controllers come next."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodFacts, PodPhase
from releaseflow.core.flow.facts import Commands
from releaseflow.workloads.workload import Rollout
from tests.model import controllers, gate, interning, job_controller, kubelet
from tests.model.approvals import with_approval
from tests.model.invariants import with_acceptance
from tests.model.objects import (
    DONE,
    FAILED,
    OURS,
    RUNNING,
    WAITING,
    FlowBody,
    JobBody,
    Kind,
    PodBody,
    RunBody,
    StoredObject,
    TargetBody,
)
from tests.model.pod_outcomes import FATES, KILLED
from tests.model.state import Change
from tests.support import builders
from tests.support.pod_outcomes import BACKED_UP, CHANGED, CHECKED, HOOKED, MIGRATED, Fate
from tests.unit.core.objects import Flow, Pod, Run
from tests.unit.core.store import Store

USUAL = {
    StepType.CHECK: CHECKED,
    StepType.BACKUP: BACKED_UP,
    StepType.MIGRATE: MIGRATED,
    StepType.REPORT: CHANGED,
    StepType.HOOK: HOOKED,
}
NAMES = {fate: name for name, fate in FATES.items() if name != "no effect"}
"""By these the model knows fates; whether a migration without effect is a failure is for a scenario's check to say."""


@dataclass
class Cluster(Store):
    """The store, its users, and how the choices of its controllers are made."""

    fates: dict[StepType, list[Fate]] = field(default_factory=dict)
    """How the pods of a step end, one after the other; the last one for all that follow."""
    stays: dict[StepType, PodPhase] = field(default_factory=dict)
    """Steps whose pods are held back in a phase."""
    podless: bool = False
    """Whether a quota keeps Jobs from getting pods."""
    startups: list[str] = field(default_factory=list)
    """How migrations end that run as a target starts, one after the other, by words of the model; usually well."""
    restarts: bool = False
    """Whether Kubernetes starts such a migration again after an error; else it is in back-off for ever."""
    broken: set[tuple[str, str]] = field(default_factory=set)
    """Target and image that do not come up."""

    # What its users do

    def uid(self, what: str) -> str:
        """Return a UID that was never given before."""
        uid, ghost = self.ghost.born(what)
        self.cluster = self.cluster.with_ghost(ghost)
        return uid

    def add_flow(self, name: str = "shop", **spec: Any) -> Flow:
        """Create a flow."""
        number = interning.FLOW_SPECS.number(builders.flow_spec(**spec))
        body = FlowBody(number, interning.FLOW_STATUSES.number(ReleaseFlowStatus()), 1, Commands())
        self._create(Kind.FLOW, StoredObject(name, self.uid(name), 1, body))
        return self.flows[name]

    def add_run(self, name: str, spec: MigrationRunSpec) -> Run:
        """Create a run by hand."""
        status = interning.RUN_STATUSES.number(MigrationRunStatus())
        body = RunBody(interning.RUN_SPECS.number(spec), status, self.ghost.clock)
        self._create(Kind.RUN, StoredObject(name, self.uid(name), 1, body))
        return self.runs[name]

    def add_pod(self, run_uid: str, seen: PodFacts) -> Pod:
        """Create a pod that no Job controller made."""
        body = PodBody(seen.step, run_uid, seen.job_uid, "", PodPhase.PENDING)
        self._create(
            Kind.POD,
            StoredObject(seen.name, seen.uid, 1, body, (OURS,) if seen.has_finalizer else (), owner=seen.job_uid),
        )
        self.put_pod(seen)
        return self.pods[seen.name]

    def edit(self, name: str = "shop", **facts: Any) -> None:
        """Change fields of a flow's spec, named as in YAML; ABSENT leaves one out."""
        flow = self.flows[name]
        given = flow.spec.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
        spec = ReleaseFlowSpec.model_validate(builders.given(given | facts))
        number = interning.FLOW_SPECS.number(spec)
        self.change(Kind.FLOW, flow.thing, spec=number, generation=flow.generation + 1)

    def command(self, name: str = "shop", **commands: str) -> None:
        """Annotate a flow."""
        flow = self.flows[name]
        if "approve" in commands:
            self.cluster = with_approval(self.cluster, flow.thing, commands["approve"])
        if "retry" in commands:
            self.cluster = with_acceptance(self.cluster, flow.thing)
        self.change(Kind.FLOW, flow.thing, commands=replace(flow.commands, **commands))

    def approve_run(self, name: str, value: str) -> None:
        """Annotate a run itself."""
        self.change(Kind.RUN, self.runs[name].thing, approve=value)

    def delete_run(self, name: str) -> None:
        """Delete a run as kubectl does."""
        self._delete(Kind.RUN, name)

    def delete_job(self, name: str) -> None:
        """Delete a Job in the background."""
        self._delete(Kind.JOB, name)

    def strip_job(self, name: str) -> None:
        """Delete a Job and its finalizers: its pods go with it, but for those that are kept."""
        self.remove(Kind.JOB, name)

    def delete_pod(self, name: str) -> None:
        """Delete a pod: its containers get a signal, and it stays where our finalizer is on it."""
        self._delete(Kind.POD, name)

    def suspend(self, name: str) -> None:
        """Suspend a Job."""
        self.change(Kind.JOB, self.cluster.shelf(Kind.JOB).by_name[name], suspended=True, edited=True)

    def set_image(self, image: str, name: str = "shop") -> None:
        """Change a target's image past the operator."""
        images = tuple((container, image) for container, _ in self.targets[name].images)
        seen = self.cluster.shelf(Kind.TARGET).by_name[name]
        again = WAITING if self.targets[name].migrates_for else ""
        assert isinstance(seen.body, TargetBody)
        after = seen.body._replace(images=images, rollout=Rollout.UNOBSERVED, migration=again)
        self.change(Kind.TARGET, seen, **gate.admitted(seen.body, after)._asdict())

    def break_glass(self, image: str, name: str = "shop") -> None:
        """Let a target serve an image past the operator, and past admission."""
        self.set_image(image, name)
        self.change(Kind.TARGET, self.cluster.shelf(Kind.TARGET).by_name[name], held=False)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        clock = interning.clock(self.now + timedelta(seconds=seconds))
        self.cluster = self.cluster.with_ghost(self.ghost._replace(clock=clock))

    # Its controllers

    def controllers(self) -> bool:
        """Let a controller or the kubelet do one thing; tell whether one did."""
        move = next(self._moves(), None)
        if move is not None:
            self.cluster = move.after
        return move is not None

    def _moves(self) -> Iterator[Change]:
        """Return the moves of the model that happen in this scenario: each pod ends as the scenario says."""
        for job in self.in_order(Kind.JOB) if self.podless else ():
            assert isinstance(job.body, JobBody)
            if job.body.started is None and not job.body.suspended:
                yield job_controller.begun(self.cluster, job)
        for move in controllers.changes(self.cluster):
            pod = self._moved_pod(move)
            if pod is not None:
                yield from self._moves_of(pod, move)
            elif not self._is_held_back(move):
                yield move

    def _moved_pod(self, move: Change) -> StoredObject | None:
        """Return the pod as it is whose containers a move is about."""
        before = self.cluster.shelf(Kind.POD).by_uid
        for pod in move.after.shelf(Kind.POD).things:
            if pod.uid in before and before[pod.uid].body != pod.body:
                return before[pod.uid]
        for pod in before.values():
            if pod.name not in move.after.shelf(Kind.POD).by_name and "kubelet" in move.who:
                return pod
        return None

    def _moves_of(self, pod: StoredObject, move: Change) -> Iterator[Change]:
        assert isinstance(pod.body, PodBody)
        body = pod.body
        if KILLED in move.what or (body.phase is PodPhase.PENDING and self.stays.get(body.step) is not body.phase):
            yield move
        elif body.phase is PodPhase.RUNNING and not pod.deleting and self.stays.get(body.step) is not body.phase:
            fate = (self.fates.get(body.step) or [USUAL[body.step]])[0]
            ended = body._replace(phase=fate.phase, fate=NAMES.get(fate, fate))
            if len(self.fates.get(body.step, [])) > 1:
                self.fates[body.step].pop(0)
            yield kubelet.ended(self.cluster, pod, ended)

    def _is_held_back(self, move: Change) -> bool:
        """Whether a move happens in no pod, and not in this scenario."""
        if "makes a pod" in move.what:
            return self.podless
        for target in move.after.shelf(Kind.TARGET).things:
            body = target.body
            assert isinstance(body, TargetBody)
            before = self.known[target.uid].body
            assert isinstance(before, TargetBody)
            if body.migration != before.migration and "kubelet" in move.who:
                return self._is_another_startup(before.migration, body.migration)
            if body.rollout in {Rollout.COMPLETE, Rollout.FAILED} and target != self.known[target.uid]:
                return (body.rollout is Rollout.FAILED) is not ((target.name, body.image) in self.broken)
        return bool(move.trouble)

    def _is_another_startup(self, before: str, after: str) -> bool:
        """Whether a migration in a target goes on otherwise in this scenario."""
        if before == FAILED:
            return not self.restarts
        if before != RUNNING:
            return self.startups[:1] == [before]
        if after != (self.startups or [DONE])[0]:
            return True
        self.startups = self.startups[1:]
        return False

"""What the explored model's API server holds in one scenario, read and written as the core's facts."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import JobFacts, PodFacts, PodPhase
from releaseflow.core.flow.facts import TargetFacts
from releaseflow.core.run.facts import LockFacts
from releaseflow.workloads.workload import Rollout
from tests.model import api, facts, interning, job_controller
from tests.model.invariants import with_end
from tests.model.objects import OURS, JobBody, Kind, LockBody, PodBody, StoredObject, TargetBody, shelved
from tests.model.state import GHOSTS, ClusterState, Ghost
from tests.support.pod_outcomes import Fate
from tests.unit.core.objects import Collection, Flow, Pod, Run

SeenT = TypeVar("SeenT", JobFacts, PodFacts, TargetFacts)
NOT_MODELLED = {
    PodFacts: ("containers", "node_lost"),
    JobFacts: ("altered",),
    TargetFacts: (
        *("kind", "rollout_message", "rollout_hint", "image_ids", "image_changed_by", "is_argo_cds"),
        *("replicas", "is_alone", "with_command", "with_probe", "has_stale_mark"),
    ),
}
"""Facts that only tests write: no controller of the model reads them or makes them."""


@dataclass
class Store:
    """The objects of one scenario; the model holds them."""

    _cluster: ClusterState = field(
        default_factory=lambda: ClusterState((shelved(()),) * len(Kind), GHOSTS.number(Ghost()))
    )
    known: dict[str, StoredObject] = field(default_factory=dict)
    """All objects that there ever were, by UID, in the order of their creation, as they were last."""
    facts: dict[str, tuple[PodPhase | None, dict[str, Any]]] = field(default_factory=dict)
    """What a test wrote that is not modelled, by UID; of a pod, for as long as it stays in this phase."""

    @property
    def cluster(self) -> ClusterState:
        """What the model's API server holds now."""
        return self._cluster

    @cluster.setter
    def cluster(self, cluster: ClusterState) -> None:
        self._cluster = cluster
        for kind in Kind:
            self.known.update(cluster.shelf(kind).by_uid)

    @property
    def ghost(self) -> Ghost:
        """The time, and what really happened."""
        return GHOSTS[self.cluster.ghost]

    @property
    def now(self) -> datetime:
        """The time."""
        return interning.time(self.ghost.clock)

    @property
    def flows(self) -> Collection[Flow]:
        """All flows."""
        return Collection(self, Kind.FLOW, lambda thing: Flow(self, Kind.FLOW, thing.uid), lambda _, flow: flow.thing)

    @property
    def runs(self) -> Collection[Run]:
        """All runs."""
        return Collection(self, Kind.RUN, lambda thing: Run(self, Kind.RUN, thing.uid), lambda _, run: run.thing)

    @property
    def pods(self) -> Collection[Pod]:
        """All pods."""
        return Collection(self, Kind.POD, lambda thing: Pod(self, Kind.POD, thing.uid), lambda _, pod: pod.thing)

    @property
    def jobs(self) -> Collection[tuple[StepType, JobFacts]]:
        """All Jobs, as the core reads them."""
        return Collection(self, Kind.JOB, self._job_of, lambda _, job: self._job(*job))

    @property
    def targets(self) -> Collection[TargetFacts]:
        """All targets, as the core reads them."""
        return Collection(self, Kind.TARGET, self._target_of, lambda _, target: self._target(target))

    @property
    def locks(self) -> Collection[LockFacts]:
        """All locks, as the core reads them."""
        return Collection(self, Kind.LEASE, _lock_of, _lock)

    def in_order(self, kind: Kind) -> list[StoredObject]:
        """Return all objects of a kind in the order of their creation."""
        there = self.cluster.shelf(kind).by_uid
        return [there[uid] for uid in self.known if uid in there]

    # Writes past all rules

    def put(self, kind: Kind, thing: StoredObject) -> None:
        """Write an object as it is, be it as nobody could: with another UID, without a finalizer."""
        there = [other for other in self.cluster.shelf(kind).things if other.name != thing.name]
        version = self.known[thing.uid].version + 1 if thing.uid in self.known else thing.version
        shelf = shelved(tuple(sorted((*there, thing._replace(version=version)))))
        self.cluster = self.cluster.with_shelf(kind, shelf)

    def put_pod(self, seen: PodFacts) -> None:
        """Write how a pod stands."""
        thing = self.cluster.shelf(Kind.POD).by_name[seen.name]
        assert isinstance(thing.body, PodBody)
        body = thing.body._replace(phase=seen.phase, started=seen.started, job_uid=seen.job_uid)
        finalizers = tuple(finalizer for finalizer in thing.finalizers if seen.has_finalizer or finalizer != OURS)
        if not seen.alive:
            body = body._replace(fate=Fate(seen.containers, "" if seen.phase is PodPhase.SUCCEEDED else "Error"))
            finalizers = tuple(finalizer for finalizer in finalizers if finalizer != job_controller.NODE)
        if seen.over:
            self.cluster = with_end(self.cluster, body)
        self._remember(seen)
        self.put(Kind.POD, thing._replace(body=body, finalizers=finalizers))

    def change(self, kind: Kind, thing: StoredObject, **facts: Any) -> None:
        """Write fields of an object's body."""
        answer = api.updated(
            self.cluster.store[kind], thing.name, thing.uid, 0, thing._replace(body=thing.body._replace(**facts))
        )
        assert isinstance(answer, int), answer
        self.cluster = self.cluster.with_shelf(kind, answer)

    def remove(self, kind: Kind, name: str) -> None:
        """Take an object out of the store, whatever keeps it."""
        self.cluster = self.cluster.with_shelf(kind, api.removed(self.cluster.store[kind], name))

    def _create(self, kind: Kind, thing: StoredObject) -> None:
        answer = api.created(self.cluster.store[kind], thing)
        assert isinstance(answer, int), answer
        self.cluster = self.cluster.with_shelf(kind, answer)

    def _delete(self, kind: Kind, name: str) -> None:
        thing = self.cluster.shelf(kind).by_name[name]
        answer = api.deleted(self.cluster.store[kind], name, thing.uid, 0)
        assert isinstance(answer, int), answer
        self.cluster = self.cluster.with_shelf(kind, answer)

    # How its objects are read and written

    def with_facts(self, seen: SeenT) -> SeenT:
        """Return what is seen of an object, with what a test wrote that is not modelled."""
        phase, facts = self.facts.get(seen.uid, (None, {}))
        return replace(seen, **facts) if phase is None or phase is getattr(seen, "phase", None) else seen

    def _remember(self, seen: JobFacts | PodFacts | TargetFacts) -> None:
        facts = {name: getattr(seen, name) for name in NOT_MODELLED[type(seen)]}
        self.facts[seen.uid] = getattr(seen, "phase", None), facts

    def pod_seen(self, thing: StoredObject) -> PodFacts:
        """Return a pod as the core reads it."""
        return self.with_facts(facts.pod_facts(thing))

    def _job_of(self, thing: StoredObject) -> tuple[StepType, JobFacts]:
        assert isinstance(thing.body, JobBody)
        return thing.body.step, self.with_facts(facts.job_facts(thing))

    def _job(self, step: StepType, seen: JobFacts) -> StoredObject:
        self._remember(seen)
        before = self.cluster.shelf(Kind.JOB).by_name.get(seen.name)
        image = before.body.image if before is not None and isinstance(before.body, JobBody) else ""
        body = JobBody(
            step,
            seen.run_uid,
            seen.attempt,
            seen.template_hash,
            image,
            interning.clock(seen.created),
            None if seen.start_time is None else interning.clock(seen.start_time),
            seen.suspended,
            seen.edited,
            seen.complete,
            seen.failed,
            seen.failed_reason,
            seen.failed_exit_code,
        )
        return StoredObject(
            seen.name,
            seen.uid,
            int(seen.resource_version),
            body,
            (OURS,) if seen.has_finalizer else (),
            seen.deleting,
            before.owner if before is not None else "",
        )

    def _target_of(self, thing: StoredObject) -> TargetFacts:
        seen = facts.target_facts(thing, owner_exists=False)
        assert isinstance(seen, TargetFacts)
        return self.with_facts(seen)

    def _target(self, seen: TargetFacts) -> StoredObject:
        self._remember(seen)
        before = self.cluster.shelf(Kind.TARGET).by_name.get(seen.name)
        migration = before.body.migration if before is not None and isinstance(before.body, TargetBody) else ""
        same = before is not None and before.uid == seen.uid
        served = before.body.served if before is not None and isinstance(before.body, TargetBody) else ()
        body = TargetBody(
            seen.images,
            seen.rollout,
            seen.fence,
            seen.managed,
            seen.restarted_for,
            init_images=seen.init_images,
            migrates_for=seen.migrates_for,
            migration=migration if seen.migrates_for else "",
            gated_by=seen.gated_by,
            held=seen.held,
            served=seen.images if seen.gated_by and seen.rollout is Rollout.COMPLETE else served if same else (),
        )
        return StoredObject(seen.name, seen.uid, int(seen.resource_version), body, deleting=seen.deleting)


def _lock_of(thing: StoredObject) -> LockFacts:
    seen = facts.lock_facts(thing, holder_exists=False, holder_pod_alive=False)
    assert isinstance(seen, LockFacts)
    return seen


def _lock(name: str, seen: LockFacts) -> StoredObject:
    body = LockBody(
        holder_uid=seen.holder_uid,
        holder_name=seen.holder_name,
        database=seen.database,
        identity=seen.identity,
        had_tables=seen.had_tables,
        unknown_since=seen.unknown_since,
        last_name=seen.last_name,
        last_uid=seen.last_uid,
        namespace_uid=seen.namespace_uid,
        tables_namespace_uid=seen.tables_namespace_uid,
    )
    return StoredObject(name, seen.uid, int(seen.resource_version), body)

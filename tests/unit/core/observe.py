"""How the world of the tests is observed: what the shell would hand to the core."""

from dataclasses import dataclass, replace

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.parse_objects import flow_facts_for_run, run_facts_for_flow
from releaseflow.core.facts import ABSENT, Absent, JobFacts
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.names import job_name
from releaseflow.core.run.facts import FlowForRun, LockFacts, RunObserved, Waiter, WorkloadFacts
from releaseflow.core.run.lock import stands_in_line
from tests.support import builders
from tests.unit.core.cluster import Cluster
from tests.unit.core.objects import FlowThing, RunThing, flow_as_read, run_as_read


@dataclass
class Observed(Cluster):
    """A world that can be looked at."""

    def see_flow(self, flow: FlowThing) -> FlowObserved:
        """Return what the shell would see of a flow."""
        release = flow.status.release
        mine = [run for run in self.runs.values() if run.spec.flow_ref and run.spec.flow_ref.uid == flow.uid]
        runs = sorted((run_facts_for_flow(run_as_read(run)) for run in mine), key=lambda run: -run.sequence)
        named = self.runs.get(release.run) if release else None
        return FlowObserved(
            name=flow.name,
            namespace="team",
            uid=flow.uid,
            resource_version="1",
            generation=flow.generation,
            spec=flow.spec,
            status=flow.status,
            now=self.now,
            deleting=flow.deleting,
            commands=flow.commands,
            rejection=self.rejection,
            targets=tuple(self._see_target(flow, wanted.name) for wanted in flow.spec.targets),
            run=run_facts_for_flow(run_as_read(named)) if named else ABSENT,
            runs=tuple(runs),
        )

    def _see_target(self, flow: FlowThing, name: str) -> TargetFacts | Absent:
        seen = self.targets.get(name, ABSENT)
        if seen is ABSENT or seen.fence is ABSENT:
            return seen
        owners = {other.uid for other in self.flows.values()}
        return replace(seen, fence_owner_exists=seen.fence.flow_uid in owners)

    def see_run(self, run: RunThing) -> RunObserved:
        """Return what the shell would see of a run."""
        return RunObserved(
            name=run.name,
            namespace="team",
            uid=run.uid,
            resource_version="1",
            generation=1,
            created=run.created,
            spec=run.spec,
            status=run.status,
            now=self.now,
            deleting=run.deleting,
            has_finalizer=run.has_finalizer,
            flow=self._flow_of(run),
            rejection=self.rejection,
            lock=self._lock_of(run),
            waiters=self._rivals_of(run),
            keys_of_identity=self.keys_of_identity,
            workload=WorkloadFacts() if run.spec.workload_ref.name in self.targets else ABSENT,
            jobs=tuple((step, self._job_of(run, step)) for step in StepType),
            past_jobs=self._past_jobs_of(run),
            pods=tuple(thing.seen for thing in self.pods.values() if thing.run_uid == run.uid),
            client_image="releaseflow/postgresql:18",
            template_hashes=builders.HASHES if run.spec.workload_ref.name in self.targets else (),
        )

    def _flow_of(self, run: RunThing) -> FlowForRun | Absent:
        ref = run.spec.flow_ref
        flow = self.flows.get(ref.name) if ref else None
        if ref is None or flow is None or flow.uid != ref.uid:
            return ABSENT
        return flow_facts_for_run(flow_as_read(flow), run_as_read(run))

    def _lock_of(self, run: RunThing) -> LockFacts | Absent:
        seen = self.locks.get(run.spec.database.effective_lock_key, ABSENT)
        if seen is ABSENT or not seen.holder_uid:
            return seen
        exists = any(other.uid == seen.holder_uid for other in self.runs.values())
        alive = any(thing.seen.alive for thing in self.pods.values() if thing.run_uid == seen.holder_uid)
        return replace(seen, holder_exists=exists, holder_pod_alive=alive)

    def _rivals_of(self, run: RunThing) -> tuple[Waiter, ...]:
        key = run.spec.database.effective_lock_key
        others = [r for r in self.runs.values() if r is not run and stands_in_line(r.status)]
        return tuple(Waiter(r.created, r.uid) for r in others if r.spec.database.effective_lock_key == key)

    def _past_jobs_of(self, run: RunThing) -> tuple[JobFacts, ...]:
        recorded = {step.job_name for step in run.status.steps}
        of_backups = [job for step, job in self.jobs.values() if step is StepType.BACKUP and job.run_uid == run.uid]
        return tuple(job for job in of_backups if run.status.outcome is not None and job.name not in recorded)

    def _job_of(self, run: RunThing, step: StepType) -> JobFacts | Absent:
        recorded = next((s.job_name for s in run.status.steps if s.type is step), None)
        name = recorded or job_name(run.name, run.uid, step, 1)
        if name not in self.jobs:
            return ABSENT
        job = self.jobs[name][1]
        started = any(thing.seen.started for thing in self.pods.values() if thing.seen.job_uid == job.uid)
        return job if started else replace(job, pending_cause=self.pending_causes.get(step, ABSENT))

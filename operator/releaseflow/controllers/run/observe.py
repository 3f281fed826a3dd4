"""All facts that a MigrationRun depends on, observed at one time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import (
    ParsedFlow,
    ParsedRun,
    Unreadable,
    flow_facts_for_run,
    parse_flow,
    parse_run,
)
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.job_specs import JobSpecs
from releaseflow.controllers.run.observe_down import earlier_run, flows_of_database
from releaseflow.controllers.run.observe_jobs import observe_jobs
from releaseflow.controllers.run.observe_lock import lock_place, observe_lock
from releaseflow.controllers.run.observe_starting import AT_WORK_POLL_SECONDS, observe_starting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.facts import FlowForRun, RunObserved, WorkloadFacts, pods_at_work
from releaseflow.core.run.left_behind import may_be_asked
from releaseflow.jobs.connection import missing_variables
from releaseflow.jobs.inheritance import chosen_container
from releaseflow.jobs.inputs import ContainerNotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_list, get_str
from releaseflow.workloads.registry import WORKLOADS


@dataclass(frozen=True)
class RunObservation:
    """The facts of a run, and how soon to reconcile again although no event arrives."""

    parsed: ParsedRun
    facts: RunObserved
    requeue_after: float | None


@dataclass(frozen=True)
class RunObserver:
    """Observes runs."""

    operator_namespace: str
    job_specs: JobSpecs
    clock: Callable[[], datetime]
    rejections: Rejections

    async def observe(self, reader: Reader, key: ReconcileRequest) -> RunObservation | Unreadable | Absent:
        """Observe a run; ABSENT where there is none."""
        raw = await reader.get(Resource.RUN, key.namespace, key.name)
        if raw is None:
            return ABSENT
        run = parse_run(raw)
        if isinstance(run, Unreadable):
            return run
        flow = await _flow(reader, run)
        return flow if isinstance(flow, Unreadable) else await self._observe(reader, run, flow)

    async def _observe(self, reader: Reader, run: ParsedRun, flow: FlowForRun | Absent) -> RunObservation:
        now = self.clock()
        jobs = await observe_jobs(reader, run, now)
        lock = await observe_lock(reader, self.operator_namespace, run, jobs.pods, now)
        workload = await _workload(reader, run)
        starting = await observe_starting(reader, run)
        facts = RunObserved(
            name=run.name,
            namespace=run.namespace,
            uid=run.uid,
            resource_version=run.resource_version,
            generation=run.generation,
            created=run.created,
            spec=run.spec,
            status=run.status,
            now=now,
            deleting=run.deleting,
            has_finalizer=run.has_finalizer,
            queued=run.lock_label == lock_place(run).name,
            flow=flow,
            approved=run.approve == run.name,
            earlier=await earlier_run(reader, run),
            flows_of_database=await flows_of_database(reader, run),
            rejection=self.rejections.cause(ReconcileRequest(Resource.RUN, run.namespace, run.name)),
            lock=lock.lock,
            waiters=lock.waiters,
            keys_of_identity=lock.keys_of_identity,
            workload=_workload_facts(workload, run),
            starting=starting,
            jobs=jobs.jobs,
            past_jobs=jobs.past_jobs,
            pods=jobs.pods,
            client_image=self.job_specs.client_image,
            template_hashes=await self._hashes(reader, run, workload),
        )
        return RunObservation(run, facts, AT_WORK_POLL_SECONDS if pods_at_work(facts) else jobs.requeue_after)

    async def _hashes(
        self, reader: Reader, run: ParsedRun, workload: Object | None
    ) -> tuple[tuple[StepType, str], ...]:
        """Return the hashes of the Jobs to be built; none where that cannot be, or for a run with none to come."""
        if not _has_jobs_to_come(run) or (run.spec.inherits and workload is None):
            return ()
        return await self.job_specs.hashes(reader, run, workload or {})


def _has_jobs_to_come(run: ParsedRun) -> bool:
    """Whether a Job of the run may still be built: once it is over, only the one that asks what was left."""
    return run.status.outcome is None or may_be_asked(run.spec, run.status)


async def _flow(reader: Reader, run: ParsedRun) -> FlowForRun | Unreadable | Absent:
    """Read the flow of a run; one that cannot be read is there all the same, and nothing is decided without it."""
    ref = run.spec.flow_ref
    raw = await reader.get(Resource.FLOW, run.namespace, ref.name) if ref is not None else None
    flow = parse_flow(raw) if raw is not None else None
    if flow is None or flow.uid != run.flow_uid:
        return ABSENT
    return flow_facts_for_run(flow, run) if isinstance(flow, ParsedFlow) else flow


async def _workload(reader: Reader, run: ParsedRun) -> Object | None:
    """Read the workload to inherit from, if there is one; a run with no Job to come inherits nothing any more."""
    if not _has_jobs_to_come(run) or not run.spec.inherits:
        return None
    return await reader.get(Resource.of_workload(run.spec.workload_ref.kind), run.namespace, run.spec.workload_ref.name)


def _workload_facts(workload: Object | None, run: ParsedRun) -> WorkloadFacts | Absent:
    if workload is None:
        return ABSENT
    ref = run.spec.workload_ref
    try:
        container = chosen_container(WORKLOADS[ref.kind].pod_template(workload), ref)
    except ContainerNotFoundError:
        return WorkloadFacts(container_found=False)
    images = WORKLOADS[ref.kind].images
    names = {name for name, _ in (*images(workload), *images(workload, "initContainers"))}
    return WorkloadFacts(
        container=get_str(container, "name"),
        variables=tuple(dict.fromkeys(get_str(variable, "name") for variable in get_list(container, "env"))),
        missing=missing_variables(run.spec, container),
        missing_sidecars=tuple(name for name in run.spec.migration.sidecars if name not in names),
    )

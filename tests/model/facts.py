"""Objects of the model as the facts that the core decides on."""

from functools import cache

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.parse_objects import flow_facts_for_run, run_facts_for_flow
from releaseflow.controllers.run.observe_down import as_recorded
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.run.facts import FlowOfDatabase, LockFacts, RunObserved, Waiter, WorkloadFacts
from releaseflow.core.tools import has_check
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import (
    JobBody,
    LockBody,
    PodBody,
    RunBody,
    StoredObject,
    TargetBody,
)
from tests.model.observe import FlowObservation, RunObservation
from tests.model.pod_outcomes import containers_of
from tests.model.startup import starting_target
from tests.support import builders


def flow_observed(observation: FlowObservation) -> FlowObserved:
    """Return a flow and what belongs to it as the core reads them."""
    flow = interning.flow_read(observation.flow)
    runs = sorted((interning.run_read(run) for run in observation.runs), key=lambda run: run.sequence, reverse=True)
    return FlowObserved(
        name=flow.name,
        namespace=flow.namespace,
        uid=flow.uid,
        resource_version=flow.resource_version,
        generation=flow.generation,
        spec=flow.spec,
        status=flow.status,
        now=interning.time(observation.clock),
        deleting=flow.deleting,
        commands=flow.commands,
        targets=tuple(
            target_facts(target, owner_exists=exists)
            for target, exists in zip(observation.targets, observation.owners, strict=True)
        ),
        runner=target_facts(observation.runner, owner_exists=True),
        run=run_facts_for_flow(interning.run_read(observation.run)) if observation.run is not None else ABSENT,
        runs=tuple(run_facts_for_flow(run) for run in runs),
        further=tuple(run_facts_for_flow(interning.run_read(run)) for run in observation.further),
    )


def target_facts(target: StoredObject | None, *, owner_exists: bool) -> TargetFacts | Absent:
    """Return a target as the core reads it."""
    if target is None:
        return ABSENT
    body = target.body
    assert isinstance(body, TargetBody)
    return TargetFacts(
        "Deployment",
        target.name,
        target.uid,
        str(target.version),
        body.images,
        Rollout.PAUSED if body.held else body.rollout,
        fence=body.fence,
        fence_owner_exists=owner_exists,
        managed=body.managed,
        restarted_for=body.restarted_for,
        deleting=target.deleting,
        init_images=body.init_images,
        is_alone=True,
        migrates_for=body.migrates_for,
        gated_by=body.gated_by,
        held=body.held,
        runs_template=bool(body.served) and body.served == body.images,
    )


def run_observed(observation: RunObservation) -> RunObserved:
    """Return a run and what belongs to it as the core reads them."""
    run, body = interning.run_read(observation.run), observation.run.body
    assert isinstance(body, RunBody)
    flow = interning.flow_read(observation.flow) if observation.flow is not None else None
    records_point = run.spec.backup.point_in_time is not None
    no_bookkeeping = run.spec.migration.tool is None and has_check(run.spec)
    is_executed = run.spec.migration.running_container is not None
    return RunObserved(
        name=run.name,
        namespace=run.namespace,
        uid=run.uid,
        resource_version=run.resource_version,
        generation=1,
        created=run.created,
        spec=run.spec,
        status=run.status,
        now=interning.time(observation.clock),
        deleting=run.deleting,
        has_finalizer=run.has_finalizer,
        queued=body.queued,
        flow=flow_facts_for_run(flow, run) if flow is not None else ABSENT,
        approved=run.approve == run.name,
        earlier=as_recorded(interning.run_read(observation.earlier), run) if observation.earlier else ABSENT,
        flows_of_database=tuple(
            FlowOfDatabase(flow.name, suspended=interning.flow_read(flow).spec.suspend) for flow in observation.flows
        ),
        lock=lock_facts(
            observation.lock, holder_exists=observation.holder_exists, holder_pod_alive=observation.holder_pod_alive
        ),
        waiters=tuple(Waiter(interning.run_read(waiter).created, waiter.uid) for waiter in observation.waiters),
        workload=WorkloadFacts() if observation.workload and run.spec.inherits else ABSENT,
        starting=starting_target(*observation.starting) or ABSENT,
        jobs=tuple(
            (step, job_facts(job) if job else ABSENT) for step, job in zip(StepType, observation.jobs, strict=True)
        ),
        past_jobs=tuple(job_facts(job) for job in observation.past_jobs),
        pods=tuple(
            pod_facts(
                pod,
                records_point=records_point,
                no_bookkeeping=no_bookkeeping,
                is_executed=is_executed,
                goes_down=run.spec.down is not None,
            )
            for pod in observation.pods
        ),
        client_image="releaseflow/postgresql:18",
        template_hashes=builders.HASHES if observation.workload else (),
    )


def lock_facts(lock: StoredObject | None, *, holder_exists: bool, holder_pod_alive: bool) -> LockFacts | Absent:
    """Return a lock as the core reads it."""
    if lock is None:
        return ABSENT
    body = lock.body
    assert isinstance(body, LockBody)
    return LockFacts(
        name=lock.name,
        uid=lock.uid,
        resource_version=str(lock.version),
        holder_uid=body.holder_uid,
        holder_name=body.holder_name,
        holder_exists=holder_exists,
        holder_pod_alive=holder_pod_alive,
        database=body.database,
        identity=body.identity,
        had_tables=body.had_tables,
        namespace_uid=body.namespace_uid,
        tables_namespace_uid=body.tables_namespace_uid,
        unknown_since=body.unknown_since,
        last_name=body.last_name,
        last_uid=body.last_uid,
    )


@cache
def job_facts(job: StoredObject) -> JobFacts:
    """Return a Job as the core reads it."""
    body = job.body
    assert isinstance(body, JobBody)
    return JobFacts(
        name=job.name,
        uid=job.uid,
        resource_version=str(job.version),
        run_uid=body.run_uid,
        attempt=body.attempt,
        template_hash=body.template_hash,
        created=interning.time(body.created),
        start_time=None if body.started is None else interning.time(body.started),
        suspended=body.suspended,
        edited=body.edited,
        complete=body.complete,
        failed=body.failed,
        failed_reason=body.failed_reason,
        failed_exit_code=body.failed_exit_code,
        deleting=job.deleting,
        has_finalizer=job.held,
    )


@cache
def pod_facts(
    pod: StoredObject,
    *,
    records_point: bool = False,
    no_bookkeeping: bool = False,
    is_executed: bool = False,
    goes_down: bool = False,
) -> PodFacts:
    """Return a pod as the core reads it."""
    body = pod.body
    assert isinstance(body, PodBody)
    return PodFacts(
        name=pod.name,
        uid=pod.uid,
        resource_version=str(pod.version),
        step=body.step,
        job_uid=body.job_uid if pod.owner else "",
        phase=body.phase,
        containers=containers_of(
            body,
            records_point=records_point,
            no_bookkeeping=no_bookkeeping,
            is_executed=is_executed,
            goes_down=goes_down,
        ),
        deleting=pod.deleting,
        has_finalizer=pod.held,
    )

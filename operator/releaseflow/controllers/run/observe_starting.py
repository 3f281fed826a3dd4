"""The first target of a run whose migration runs there, and what its pods say of it: no watch delivers those."""

from releaseflow.api.v1alpha1.metadata import MIGRATES_FOR
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import ParsedRun
from releaseflow.controllers.run.pending import pending_cause_of_pod
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.record import step_of
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.core.tools import runs_at_startup
from releaseflow.jobs.inheritance import chosen_container
from releaseflow.jobs.inputs import ContainerNotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, annotation, get_bool, get_list, get_map, get_str, name_of
from releaseflow.workloads.registry import WORKLOADS

AT_WORK_POLL_SECONDS = 3.0
"""Seconds to the next list of the pods of a run that is over while its migration is not."""


async def observe_starting(reader: Reader, run: ParsedRun) -> StartingTarget | Absent:
    """Observe the target and its pods; ABSENT where that cannot matter, or there is none."""
    if not (runs_at_startup(run.spec) and run.spec.inherits and starting_matters(run.status, held=run.has_finalizer)):
        return ABSENT
    ref = run.spec.workload_ref
    workload = WORKLOADS[ref.kind]
    raw = await reader.get(Resource.of_workload(ref.kind), run.namespace, ref.name)
    if raw is None:
        return ABSENT
    seen = workload.rollout(raw)
    pods = await reader.list_live(Resource.POD, run.namespace, workload.selector(raw))
    container = _container(run, workload.pod_template(raw))
    return StartingTarget(
        migrates_for=annotation(workload.pod_template(raw), MIGRATES_FOR),
        rollout=seen.rollout,
        rollout_message=seen.message,
        rollout_hint=seen.hint,
        follow=workload.follow(run.namespace, ref.name),
        pods=tuple(starting_pod(pod, container) for pod in pods if annotation(pod, MIGRATES_FOR)),
    )


def starting_pod(raw: Object, container: str) -> StartingPod:
    """Return a pod that carries out a migration as it starts, in a container of this name."""
    status = next((found for found in _statuses(raw) if get_str(found, "name") == container), {})
    terminated = get_map(status, "state", "terminated")
    last = terminated if terminated.get("exitCode") else get_map(status, "lastState", "terminated")
    code = last.get("exitCode")
    is_alone = container == ContainerName.STARTUP
    return StartingPod(
        name_of(raw),
        annotation(raw, MIGRATES_FOR),
        running="running" in get_map(status, "state"),
        done=bool(terminated) and terminated.get("exitCode") == 0 if is_alone else get_bool(status, "ready"),
        exit_code=code if isinstance(code, int) and code else None,
        message=get_str(last, "message"),
        out_of_memory=get_str(last, "reason") == "OOMKilled",
        image_id=get_str(status, "imageID"),
        pending_cause=pending_cause_of_pod(raw),
    )


def starting_matters(status: MigrationRunStatus, *, held: bool) -> bool:
    """Whether a run's migration may be about to begin, or may not be over: also where the run is, while we hold it."""
    migrate = step_of(status, StepType.MIGRATE)
    if migrate is ABSENT:
        return status.outcome is None and status.backup is not None
    return migrate.given_up is None and (status.outcome is None or held)


def _container(run: ParsedRun, pod_template: Object) -> str:
    """Return the container in which the migration runs: ours, or with startCommand the application's own."""
    if run.spec.migration.start_command is None:
        return ContainerName.STARTUP
    try:
        return get_str(chosen_container(pod_template, run.spec.workload_ref), "name")
    except ContainerNotFoundError:
        return ""


def _statuses(raw: Object) -> list[Object]:
    groups = ("initContainerStatuses", "containerStatuses")
    return [status for group in groups for status in get_list(raw, "status", group)]

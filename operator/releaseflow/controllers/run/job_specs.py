"""The Jobs of a run as they would be built now, from what the cluster has of its workload."""

from dataclasses import dataclass, field

from cachetools import LRUCache

from releaseflow.api.v1alpha1.metadata import RUN_UID_LABEL, STEP_LABEL
from releaseflow.api.v1alpha1.operation import Operation, RunRole
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import by_flow
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.core.engines import client_of
from releaseflow.core.facts import ABSENT
from releaseflow.core.names import hook_job_name, job_name
from releaseflow.core.run.next_hook import hook_to_observe, record_of
from releaseflow.core.run.retention import Prunable, kept_in, prunable
from releaseflow.core.tools import runs_at_startup
from releaseflow.jobs.inputs import ContainerNotFoundError, JobInputs
from releaseflow.jobs.job import job, template_hash
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_list, get_map, get_str, resource_version_of, uid_of
from releaseflow.workloads.registry import WORKLOADS

_REMEMBERED = 4096


@dataclass(frozen=True)
class Attempt:
    """One attempt at a step of a run."""

    step: StepType
    number: int
    job_name: str


@dataclass(frozen=True)
class JobSpecs:
    """Builds Jobs, and remembers the hashes of what it built from unchanged workloads."""

    client_image: str
    operator_image: str
    _hashes: LRUCache[tuple[object, ...], str] = field(default_factory=lambda: LRUCache(_REMEMBERED))

    async def hashes(self, reader: Reader, run: ParsedRun, workload: Object) -> tuple[tuple[StepType, str], ...]:
        """Return the hash of the pod template of each step of the run; none where the workload lacks the container."""
        without = _steps_without_job(run)
        no_hook = (StepType.HOOK,) if hook_to_observe(run.spec, run.status) is ABSENT else ()
        steps = [step for step in StepType if step not in (*without, *no_hook, *_without_target(run))]
        attempts = [recorded_attempt(run, step) for step in steps]
        inputs = [await self._inputs(reader, run, workload, attempt) for attempt in attempts]
        try:
            return tuple((known.step, self._hash(known, workload)) for known in inputs)
        except ContainerNotFoundError:
            return ()

    async def job(self, reader: Reader, run: ParsedRun, attempt: Attempt, recorded_hash: str) -> Object | None:
        """Return the Job of an attempt; None where it would not be the one that was recorded."""
        workload = await _workload(reader, run)
        if workload is None:
            return None
        inputs = await self._inputs(reader, run, workload, attempt)
        try:
            fresh = template_hash(inputs)
        except ContainerNotFoundError:
            return None
        return job(inputs, recorded_hash) if fresh == recorded_hash else None

    def _hash(self, inputs: JobInputs, workload: Object) -> str:
        facts = (inputs.run_uid, inputs.step, inputs.name, inputs.attempt, inputs.down_to, inputs.prunable)
        key = (*facts, inputs.shared_claims, uid_of(workload), resource_version_of(workload))
        if key not in self._hashes:
            self._hashes[key] = template_hash(inputs)
        return self._hashes[key]

    async def _inputs(self, reader: Reader, run: ParsedRun, workload: Object, attempt: Attempt) -> JobInputs:
        flow = run.spec.flow_ref
        pod_template = WORKLOADS[run.spec.workload_ref.kind].pod_template(workload) if run.spec.inherits else {}
        return JobInputs(
            namespace=run.namespace,
            run_name=run.name,
            run_uid=run.uid,
            flow_name=flow.name if flow else "",
            flow_uid=flow.uid if flow else "",
            spec=run.spec,
            step=attempt.step,
            hook=hook_to_observe(run.spec, run.status) if attempt.step is StepType.HOOK else ABSENT,
            attempt=attempt.number,
            name=attempt.job_name,
            pod_template=pod_template,
            client_image=self.client_image,
            operator_image=self.operator_image,
            down_to=run.status.down.version if run.status.down is not None else "",
            prunable=_prunable(reader, run) if attempt.step is StepType.BACKUP else (),
            shared_claims=await _shared_claims(reader, run.namespace, pod_template),
            preferred_node=_node_of_check(reader, run) if attempt.step is StepType.MIGRATE else "",
        )


def _without_target(run: ParsedRun) -> tuple[StepType, ...]:
    """Return the step of a Down that cannot be built as long as it is not recorded where it goes."""
    return (StepType.MIGRATE,) if run.spec.operation is Operation.DOWN and run.status.down is None else ()


def _steps_without_job(run: ParsedRun) -> tuple[StepType, ...]:
    """Return the steps for which no Job is ever made: with no backup, nothing of it, and nothing to compare with."""
    asked = run.spec.backup.asks_database
    if runs_at_startup(run.spec):
        without = (StepType.MIGRATE,) if client_of(run.spec) is not ABSENT else (StepType.MIGRATE, StepType.REPORT)
        return without if asked else (*without, StepType.BACKUP)
    return () if asked else (StepType.BACKUP, StepType.REPORT)


async def _workload(reader: Reader, run: ParsedRun) -> Object | None:
    """Read the workload to inherit from; an empty one where the run inherits from none, None where it is absent."""
    if not run.spec.inherits:
        return {}
    ref = run.spec.workload_ref
    return await reader.get(Resource.of_workload(ref.kind), run.namespace, ref.name)


def recorded_attempt(run: ParsedRun, step: StepType) -> Attempt:
    """Return the attempt that the run's status names; where it names none, the first."""
    recorded = record_of(run.spec, run.status, step)
    if recorded is not ABSENT:
        return Attempt(step, recorded.attempt, recorded.job_name)
    hook = hook_to_observe(run.spec, run.status) if step is StepType.HOOK else ABSENT
    name = job_name(run.name, run.uid, step, 1) if hook is ABSENT else hook_job_name(run.name, run.uid, hook.name)
    return Attempt(step, 1, name)


def _prunable(reader: Reader, run: ParsedRun) -> tuple[Prunable, ...]:
    """Return what the backup's last container may remove: older ones of the same flow in the same place."""
    if run.spec.flow_ref is None or not run.spec.backup.is_taken:
        return ()
    others = (parse_run(raw) for raw in reader.cache.indexed(Resource.RUN, run.namespace, by_flow(run.flow_uid)))
    older = [other for other in others if isinstance(other, ParsedRun) and _order(other) < _order(run)]
    destination = run.spec.backup.destination
    kept = (backup for other in older for backup in kept_in(destination, _order(other), other.status))
    return prunable(kept, run.spec.backup.retain)


def _order(run: ParsedRun) -> int:
    """Return a number that is higher for each later run with a backup: a release migrates, and later contracts."""
    return 2 * run.sequence + (run.spec.role is RunRole.CONTRACT)


def _node_of_check(reader: Reader, run: ParsedRun) -> str:
    """Return the node where the newest pod of the check ran, as the cache knows it: the image is there."""
    labels = {RUN_UID_LABEL: run.uid, STEP_LABEL: StepType.CHECK.value}
    pods = reader.cache.list_objects(Resource.POD, run.namespace, labels)
    newest = max(pods, key=lambda pod: get_str(pod, "metadata", "creationTimestamp"), default={})
    return get_str(newest, "spec", "nodeName")


async def _shared_claims(reader: Reader, namespace: str, pod_template: Object) -> frozenset[str]:
    """Return those of a workload's volume claims that many nodes may mount at once."""
    volumes = get_list(pod_template, "spec", "volumes")
    names = [get_str(volume, "persistentVolumeClaim", "claimName") for volume in volumes]
    claims = {name: await reader.get(Resource.CLAIM, namespace, name) for name in names if name}
    return frozenset(name for name, claim in claims.items() if "ReadWriteMany" in _access_modes(claim))


def _access_modes(claim: Object | None) -> list[str]:
    modes = get_map(claim, "spec").get("accessModes")
    return modes if isinstance(modes, list) else []

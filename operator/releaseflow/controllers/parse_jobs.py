"""Jobs and pods, from what the API server sends to what the core reads."""

import re
from dataclasses import replace
from datetime import datetime

from releaseflow.api.v1alpha1.metadata import ATTEMPT, FINALIZER, RUN_UID_LABEL, STEP_LABEL, TEMPLATE_HASH
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, Absent, ContainerFacts, JobFacts, PendingCause, PodFacts, PodPhase
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.unstructured import (
    NEVER,
    Object,
    annotation,
    get_bool,
    get_condition,
    get_int,
    get_list,
    get_map,
    get_str,
    get_time,
    has_finalizer,
    is_condition_true,
    is_deleting,
    label,
    name_of,
    resource_version_of,
    uid_of,
)

_EXIT_CODE = re.compile(r"exit code (\d+)")


def job_facts(raw: Object, pending_cause: PendingCause | Absent = ABSENT) -> JobFacts:
    """Return a Job as the core reads it."""
    return JobFacts(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=resource_version_of(raw),
        run_uid=label(raw, RUN_UID_LABEL),
        attempt=_digits(annotation(raw, ATTEMPT)),
        template_hash=annotation(raw, TEMPLATE_HASH),
        created=get_time(raw, "metadata", "creationTimestamp") or NEVER,
        start_time=get_time(raw, "status", "startTime"),
        suspended=get_bool(raw, "spec", "suspend"),
        edited=get_int(raw, "metadata", "generation") > 1,
        complete=is_condition_true(raw, "Complete"),
        failed=is_condition_true(raw, "Failed"),
        failed_reason=get_str(_failure(raw), "reason"),
        failed_exit_code=_failed_exit_code(raw),
        deleting=is_deleting(raw),
        has_finalizer=has_finalizer(raw, FINALIZER),
        altered=_altered(get_map(raw, "spec")),
        pending_cause=pending_cause,
    )


def _altered(spec: Object) -> tuple[str, ...]:
    """Return the fields that an admission webhook, or somebody else, has changed so that a pod may be repeated."""
    changed = [name for name, value in RUNS_ONCE.items() if spec.get(name) != value]
    restarts = get_str(spec, "template", "spec", "restartPolicy") != "Never"
    return (*changed, "restartPolicy") if restarts else tuple(changed)


def pod_facts(raw: Object, now: datetime) -> PodFacts | Absent:
    """Return a pod as the core reads it; ABSENT for one that is of no step."""
    step = next((step for step in StepType if step.value == label(raw, STEP_LABEL)), None)
    if step is None:
        return ABSENT
    return PodFacts(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=resource_version_of(raw),
        step=step,
        job_uid=_owner_uid(raw, "Job"),
        phase=_phase(raw),
        containers=_containers(raw),
        deleting=is_deleting(raw),
        has_finalizer=has_finalizer(raw, FINALIZER),
        node_lost=node_is_lost(raw, now),
        disrupted=is_condition_true(raw, "DisruptionTarget") or bool(get_str(raw, "status", "reason")),
    )


def node_is_lost(raw: Object, now: datetime) -> bool:
    """Whether a pod's node no longer answers: the pod was evicted for it, and the kubelet did not end it in time."""
    if get_str(raw, "status", "reason") == "NodeLost":
        return True
    evicted = get_str(get_condition(raw, "DisruptionTarget"), "reason") == "DeletionByTaintManager"
    deadline = get_time(raw, "metadata", "deletionTimestamp")
    return evicted and deadline is not None and now > deadline


def _containers(raw: Object) -> tuple[ContainerFacts, ...]:
    statuses = {
        get_str(status, "name"): status
        for group in ("initContainerStatuses", "containerStatuses")
        for status in get_list(raw, "status", group)
    }
    init, main = get_list(raw, "spec", "initContainers"), get_list(raw, "spec", "containers")
    sidecars = [spec for spec in init if _is_sidecar(spec)]
    is_final = not _restarts(raw, [spec for spec in (*init, *main) if spec not in sidecars])
    seen = [(spec, _container(spec, get_map(statuses, get_str(spec, "name")))) for spec in (*init, *main)]
    return tuple(
        replace(container, ended=container.ended and is_final, is_init=spec in init, is_sidecar=spec in sidecars)
        for spec, container in seen
    )


def _is_sidecar(spec: Object) -> bool:
    """Whether an init container runs beside the containers, and is ended by the kubelet after them.

    One that has a name of ours is a step, whoever has changed its policy.
    """
    return get_str(spec, "restartPolicy") == "Always" and get_str(spec, "name") not in set(ContainerName)


def _restarts(raw: Object, steps: list[Object]) -> bool:
    """Whether the end of a container may not be its last: somebody has changed the pod that we asked for."""
    policies = {get_str(raw, "spec", "restartPolicy"), *(get_str(step, "restartPolicy") or "Never" for step in steps)}
    return policies != {"Never"} or any(get_list(step, "restartPolicyRules") for step in steps)


def _container(spec: Object, status: Object) -> ContainerFacts:
    terminated = get_map(status, "state", "terminated")
    ended = terminated or get_map(status, "lastState", "terminated")
    code = ended.get("exitCode")
    return ContainerFacts(
        name=get_str(spec, "name"),
        image=get_str(spec, "image"),
        image_id=get_str(status, "imageID"),
        started=bool(get_str(status, "containerID") or get_str(ended, "containerID")),
        exit_code=code if isinstance(code, int) else None,
        ended_by=get_str(ended, "reason"),
        message=get_str(ended, "message"),
        ended=bool(get_str(terminated, "containerID")) and isinstance(code, int),
    )


def _failure(raw: Object) -> Object:
    """Return the condition that says why a Job fails: FailureTarget is there before its pods have ended."""
    return get_condition(raw, "Failed") or get_condition(raw, "FailureTarget")


def _failed_exit_code(raw: Object) -> int | None:
    failed = _failure(raw)
    found = _EXIT_CODE.search(get_str(failed, "message"))
    return int(found.group(1)) if found and get_str(failed, "reason") == "PodFailurePolicy" else None


def _owner_uid(raw: Object, kind: str) -> str:
    owners = get_list(raw, "metadata", "ownerReferences")
    return next((get_str(owner, "uid") for owner in owners if get_str(owner, "kind") == kind), "")


def _phase(raw: Object) -> PodPhase:
    said = get_str(raw, "status", "phase")
    return next((phase for phase in PodPhase if phase.value == said), PodPhase.UNKNOWN)


def _digits(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() else 0

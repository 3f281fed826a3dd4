"""Jobs and pods, from what the API server sends to what the core reads."""

import re
from datetime import datetime

from releaseflow.api.v1alpha1.metadata import ATTEMPT, FINALIZER, RUN_UID_LABEL, STEP_LABEL, TEMPLATE_HASH
from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.core.facts import ABSENT, Absent, ContainerSeen, JobSeen, PodPhase, PodSeen, Stuck
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.kube.unstructured import (
    NEVER,
    Raw,
    annotation,
    condition,
    flag,
    has_finalizer,
    holds,
    is_deleting,
    label,
    moment,
    name_of,
    number,
    part,
    parts,
    text,
    uid_of,
    version_of,
)

_EXIT_CODE = re.compile(r"exit code (\d+)")


def job_seen(raw: Raw, stuck: Stuck | Absent = ABSENT) -> JobSeen:
    """Return a Job as the core reads it."""
    return JobSeen(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=version_of(raw),
        run_uid=label(raw, RUN_UID_LABEL),
        attempt=_digits(annotation(raw, ATTEMPT)),
        template_hash=annotation(raw, TEMPLATE_HASH),
        created=moment(raw, "metadata", "creationTimestamp") or NEVER,
        start_time=moment(raw, "status", "startTime"),
        suspended=flag(raw, "spec", "suspend"),
        edited=number(raw, "metadata", "generation") > 1,
        complete=holds(raw, "Complete"),
        failed=holds(raw, "Failed"),
        failed_reason=text(condition(raw, "Failed"), "reason"),
        failed_exit_code=_failed_exit_code(raw),
        deleting=is_deleting(raw),
        held=has_finalizer(raw, FINALIZER),
        expires="ttlSecondsAfterFinished" in part(raw, "spec"),
        altered=_altered(part(raw, "spec")),
        stuck=stuck,
    )


def _altered(spec: Raw) -> tuple[str, ...]:
    """Return the fields that an admission webhook, or somebody else, has changed so that a pod may be repeated."""
    changed = [name for name, value in RUNS_ONCE.items() if spec.get(name) != value]
    restarts = text(spec, "template", "spec", "restartPolicy") != "Never"
    return (*changed, "restartPolicy") if restarts else tuple(changed)


def pod_seen(raw: Raw, now: datetime) -> PodSeen | Absent:
    """Return a pod as the core reads it; ABSENT for one that is of no step."""
    step = next((step for step in StepType if step.value == label(raw, STEP_LABEL)), None)
    if step is None:
        return ABSENT
    return PodSeen(
        name=name_of(raw),
        uid=uid_of(raw),
        resource_version=version_of(raw),
        step=step,
        job_uid=_owner_uid(raw, "Job"),
        phase=_phase(raw),
        containers=_containers(raw),
        deleting=is_deleting(raw),
        held=has_finalizer(raw, FINALIZER),
        node_lost=node_is_lost(raw, now),
    )


def node_is_lost(raw: Raw, now: datetime) -> bool:
    """Whether a pod's node no longer answers: the pod was evicted for it, and nobody there ended it in time."""
    if text(raw, "status", "reason") == "NodeLost":
        return True
    evicted = text(condition(raw, "DisruptionTarget"), "reason") == "DeletionByTaintManager"
    deadline = moment(raw, "metadata", "deletionTimestamp")
    return evicted and deadline is not None and now > deadline


def _containers(raw: Raw) -> tuple[ContainerSeen, ...]:
    statuses = {
        text(status, "name"): status
        for group in ("initContainerStatuses", "containerStatuses")
        for status in parts(raw, "status", group)
    }
    specs = [*parts(raw, "spec", "initContainers"), *parts(raw, "spec", "containers")]
    return tuple(_container(spec, part(statuses, text(spec, "name"))) for spec in specs)


def _container(spec: Raw, status: Raw) -> ContainerSeen:
    ended = part(status, "state", "terminated") or part(status, "lastState", "terminated")
    code = ended.get("exitCode")
    return ContainerSeen(
        name=text(spec, "name"),
        image=text(spec, "image"),
        image_id=text(status, "imageID"),
        started=bool(text(status, "containerID") or text(ended, "containerID")),
        exit_code=code if isinstance(code, int) else None,
        ended_by=text(ended, "reason"),
        message=text(ended, "message"),
    )


def _failed_exit_code(raw: Raw) -> int | None:

    failed = condition(raw, "Failed")
    found = _EXIT_CODE.search(text(failed, "message"))
    return int(found.group(1)) if found and text(failed, "reason") == "PodFailurePolicy" else None


def _owner_uid(raw: Raw, kind: str) -> str:
    owners = parts(raw, "metadata", "ownerReferences")
    return next((text(owner, "uid") for owner in owners if text(owner, "kind") == kind), "")


def _phase(raw: Raw) -> PodPhase:
    said = text(raw, "status", "phase")
    return next((phase for phase in PodPhase if phase.value == said), PodPhase.UNKNOWN)


def _digits(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() else 0

"""The Jobs and pods of a run, and why a pod does not start."""

from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.metadata import RUN_UID_LABEL, STEP_LABEL
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_jobs import job_facts, pod_facts
from releaseflow.controllers.parse_objects import ParsedRun
from releaseflow.controllers.run.job_specs import recorded_attempt
from releaseflow.controllers.run.pending import (
    pending_cause_of_events,
    pending_cause_of_pod,
    suspended_job,
    unbound_claim,
    without_pod,
)
from releaseflow.core.facts import ABSENT, Absent, AnyJob, JobFacts, PendingCause, PodFacts
from releaseflow.core.run.next_hook import record_of
from releaseflow.core.run.start import STARTED_ONCE
from releaseflow.kube.errors import ForbiddenError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import NEVER, Object, get_str, get_time, name_of, uid_of

POD_GRACE_SECONDS = 1.5
"""Seconds after which a Job without a pod is asked why."""
START_GRACE_SECONDS = 3.0
"""Seconds after which a pod that waits without saying why is asked by its events."""
EVENT_GRACE_SECONDS = 10.0
"""Seconds after which a Job with neither pod nor event is reported."""
FAST_POLL_SECONDS, SLOW_POLL_SECONDS = 1.5, 5.0
"""Seconds to the next reconcile for a pod that has not started: while it is young, and afterwards."""


@dataclass(frozen=True)
class JobsObservation:
    """What was seen of a run's Jobs."""

    jobs: tuple[tuple[StepType, AnyJob], ...]
    pods: tuple[PodFacts, ...]
    requeue_after: float | None
    """Seconds after which a pod that does not start may show why."""
    past_jobs: tuple[JobFacts, ...] = ()


@dataclass(frozen=True)
class _Found:
    """The Job of a step."""

    step: StepType
    record: StepStatus | None
    raw: Object | None


async def observe_jobs(reader: Reader, run: ParsedRun, now: datetime) -> JobsObservation:
    """Observe the Jobs and pods of a run."""
    found = [await _found(reader, run, step) for step in StepType]
    pods = await _pods(reader, run, found, now)
    waiting = [f for f in found if _may_be_pending(f) and not _has_started(f, pods, now)]
    causes = {f.step: await _cause(reader, run, f, pods, now) for f in waiting}
    ages = [_age(f.raw, now) for f in waiting]
    return JobsObservation(
        jobs=tuple((f.step, job_facts(f.raw, causes.get(f.step, ABSENT)) if f.raw else ABSENT) for f in found),
        pods=tuple(seen for pod in pods if (seen := pod_facts(pod, now)) is not ABSENT),
        requeue_after=(FAST_POLL_SECONDS if min(ages) < EVENT_GRACE_SECONDS else SLOW_POLL_SECONDS) if ages else None,
        past_jobs=_past_jobs(reader, run),
    )


def _past_jobs(reader: Reader, run: ParsedRun) -> tuple[JobFacts, ...]:
    """Return the Jobs of earlier attempts at the backup of a run that is over; one that was suspended is deleted."""
    back_up = next((step for step in run.status.steps if step.type is StepType.BACKUP), None)
    if run.status.outcome is None or back_up is None or back_up.attempt == 1:
        return ()
    labels = {RUN_UID_LABEL: run.uid, STEP_LABEL: StepType.BACKUP.value}
    raws = reader.cache.list_objects(Resource.JOB, run.namespace, labels)
    return tuple(job_facts(raw) for raw in raws if name_of(raw) != back_up.job_name)


async def _found(reader: Reader, run: ParsedRun, step: StepType) -> _Found:
    """Read the Job of a step; its absence is asked for where it would mean something."""
    known = record_of(run.spec, run.status, step)
    record = None if known is ABSENT else known
    name = recorded_attempt(run, step).job_name
    raw = reader.cached(Resource.JOB, run.namespace, name)
    if record is None or (record.outcome is not None and (step is not StepType.MIGRATE or not run.has_finalizer)):
        return _Found(step, record, raw)
    if reader.live or (raw is None and record.job_uid):
        raw = await reader.get(Resource.JOB, run.namespace, name)
    return _Found(step, record, raw)


async def _pods(reader: Reader, run: ParsedRun, found: list[_Found], now: datetime) -> list[Object]:
    """Return the pods of a run; asked for where its Job is over, and what was seen of its pods is not."""
    labels = {RUN_UID_LABEL: run.uid}
    pods = await reader.list_objects(Resource.POD, run.namespace, labels)
    if reader.live or not any(_leaves_doubt(f, pods, now) for f in found):
        return pods
    return await reader.list_live(Resource.POD, run.namespace, labels)


def _leaves_doubt(found: _Found, pods: list[Object], now: datetime) -> bool:
    if found.record is None or found.record.outcome is not None or found.raw is None:
        return False
    job = job_facts(found.raw)
    seen = _pods_of(found.raw, pods, now)
    job_is_over = job.complete or job.failed or job.deleting
    return found.record.given_up is not None or (job_is_over and not (seen and all(pod.over for pod in seen)))


def _may_be_pending(found: _Found) -> bool:
    if found.record is None or found.record.outcome is not None or found.raw is None:
        return False
    job = job_facts(found.raw)
    if job.suspended and found.step in STARTED_ONCE:
        return found.record.given_up is not None
    return not job.complete


def _has_started(found: _Found, pods: list[Object], now: datetime) -> bool:
    return any(pod.started for pod in _pods_of(found.raw, pods, now))


def _pods_of(job: Object | None, pods: list[Object], now: datetime) -> list[PodFacts]:
    seen = (pod_facts(pod, now) for pod in pods)
    return [pod for pod in seen if pod is not ABSENT and pod.job_uid == uid_of(job)]


async def _cause(
    reader: Reader, run: ParsedRun, found: _Found, pods: list[Object], now: datetime
) -> PendingCause | Absent:
    """Return why a Job has no running pod, as far as it is known yet."""
    job = found.raw or {}
    if found.step not in STARTED_ONCE and job_facts(job).suspended:
        return suspended_job(run.namespace, name_of(job))
    uids = {pod.uid for pod in _pods_of(job, pods, now)}
    pod = next((pod for pod in pods if uid_of(pod) in uids), None)
    if pod is None:
        return await _cause_without_pod(reader, run.namespace, job, now)
    said = pending_cause_of_pod(pod)
    if said is not ABSENT and said.reason is Reason.VOLUME_NOT_BOUND and found.step is StepType.BACKUP:
        claim = await _unbound_claim(reader, run)
        return claim if claim is not ABSENT else said
    if said is not ABSENT or _age(pod, now) < START_GRACE_SECONDS:
        return said
    return pending_cause_of_events(await _events(reader, run.namespace, uid_of(pod)))


async def _unbound_claim(reader: Reader, run: ParsedRun) -> PendingCause | Absent:
    """Return what is wrong with the first claim of the place of backups that is not bound."""
    backup = run.spec.backup
    for name in backup.destination.claims if backup.is_taken else ():
        claim = unbound_claim(await reader.get(Resource.CLAIM, run.namespace, name), run.namespace, name)
        if claim is not ABSENT:
            return claim
    return ABSENT


async def _cause_without_pod(reader: Reader, namespace: str, job: Object, now: datetime) -> PendingCause | Absent:
    age = _age(job, now)
    if age < POD_GRACE_SECONDS:
        return ABSENT
    cause = pending_cause_of_events(await _events(reader, namespace, uid_of(job)))
    return without_pod() if cause is ABSENT and age > EVENT_GRACE_SECONDS else cause


async def _events(reader: Reader, namespace: str, uid: str) -> list[Object]:
    """Return the events about an object; none where they may not be read."""
    try:
        return (await reader.kube.list_objects(Resource.EVENT, namespace, fields=f"involvedObject.uid={uid}")).items
    except ForbiddenError:
        return []


def _age(raw: Object | None, now: datetime) -> float:
    """Seconds since a Job was started, or a pod was created."""
    since = get_time(raw, "status", "startTime") if get_str(raw, "spec", "restartPolicy") == "" else None
    return (now - (since or get_time(raw, "metadata", "creationTimestamp") or NEVER)).total_seconds()

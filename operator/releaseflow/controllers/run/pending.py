"""Why a Job has no running pod, from pods and Events: one reason, and one line that does not change by itself."""

import re
from collections.abc import Iterable, Iterator

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT, Absent, PendingCause
from releaseflow.core.redaction import one_line
from releaseflow.unstructured import NEVER, Object, get_condition, get_list, get_str, get_time, name_of

LONGEST = 700

_WAITING = {
    "ErrImagePull": Reason.IMAGE_PULL_FAILED,
    "ImagePullBackOff": Reason.IMAGE_PULL_FAILED,
    "ErrImageNeverPull": Reason.IMAGE_PULL_FAILED,
    "InvalidImageName": Reason.IMAGE_PULL_FAILED,
    "ImageInspectError": Reason.IMAGE_PULL_FAILED,
    "RegistryUnavailable": Reason.IMAGE_PULL_FAILED,
    "SignatureValidationFailed": Reason.IMAGE_PULL_FAILED,
    "CreateContainerConfigError": Reason.CONFIG_MISSING,
    "CreateContainerError": Reason.CONTAINER_NOT_STARTED,
    "RunContainerError": Reason.CONTAINER_NOT_STARTED,
    "PreCreateHookError": Reason.CONTAINER_NOT_STARTED,
    "PreStartHookError": Reason.CONTAINER_NOT_STARTED,
    "PostStartHookError": Reason.CONTAINER_NOT_STARTED,
}
_EVENTS = {
    "FailedAttachVolume": Reason.VOLUME_NOT_ATTACHED,
    "FailedMount": Reason.VOLUME_NOT_ATTACHED,
    "FailedMapVolume": Reason.VOLUME_NOT_ATTACHED,
    "FailedCreatePodSandBox": Reason.CONTAINER_NOT_STARTED,
    "FailedCreatePodContainer": Reason.CONTAINER_NOT_STARTED,
}
_ABOUT_VOLUMES = re.compile(r"persistentvolumeclaim|PersistentVolumeClaim|persistent volume|volume node affinity")
_ABOUT_USERS = re.compile(r"runAsNonRoot|non-numeric user|run as root|runAsUser")
"""The kubelet's words for a user that it refuses; its reason is the same as for a Secret that is missing."""
_MISSING = re.compile(r"(secret|configmap|configMap|Secret|ConfigMap|serviceaccount|ServiceAccount)\b.*not found")
_REFUSED = re.compile(r'^(?:Error creating: )?(?:pods? "[^"]*" is forbidden: )?')
_BACK_OFF = re.compile(r'^Back-off pulling image "[^"]*"(?:: (?:ErrImagePull|ImagePullBackOff): )?')
_UNSTABLE = re.compile(
    r"\b(?:[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27})\b"
    r"|(?:read|write) (?:tcp|udp) \S+->\S+: "
    r"|,? (?:no new claims to deallocate, )?preemption: .*"
)
"""IDs of sandboxes and pods, ports, and a second opinion of the scheduler: others at each try, or of no use."""


def pending_cause_of_pod(pod: Object) -> PendingCause | Absent:
    """Return why a pod does not start, as far as its own status shows it."""
    for status in (*get_list(pod, "status", "initContainerStatuses"), *get_list(pod, "status", "containerStatuses")):
        reason = _WAITING.get(get_str(status, "state", "waiting", "reason"))
        if reason is not None:
            said = _waiting_message(reason, status)
            return _pending_cause(_refined(reason, said), said)
    scheduled = get_condition(pod, "PodScheduled")
    if scheduled.get("status") != "False":
        return ABSENT
    said = get_str(scheduled, "message")
    reason = Reason.VOLUME_NOT_BOUND if _ABOUT_VOLUMES.search(said) else Reason.UNSCHEDULABLE
    return _pending_cause(reason, f"The pod cannot be placed: {said or get_str(scheduled, 'reason')}")


def pending_cause_of_events(events: Iterable[Object]) -> PendingCause | Absent:
    """Return why a pod does not start, by the newest event of its Job or of itself that shows it."""
    newest_first = sorted(events, key=lambda event: (_last_seen(event), name_of(event)), reverse=True)
    return next((cause for event in newest_first for cause in _cause(event)), ABSENT)


def without_pod() -> PendingCause:
    """Say that there is no pod, and that nothing says why."""
    return PendingCause(
        Reason.POD_NOT_CREATED, "The Job has no pod, and no event says why: is the Job controller running?"
    )


def suspended_job(namespace: str, name: str) -> PendingCause:
    """Say that somebody suspended a Job that was made to run."""
    resume = commands.resume_job(namespace, name)
    return PendingCause(Reason.POD_NOT_CREATED, f"Somebody suspended Job {name}. Let it run: {resume}")


def unbound_claim(claim: Object | None, namespace: str, name: str) -> PendingCause | Absent:
    """Return what is wrong with a claim that a pod waits for."""
    if claim is None:
        there_are = commands.show_claims(namespace)
        return _pending_cause(Reason.VOLUME_NOT_BOUND, f"There is no PersistentVolumeClaim {name}: {there_are}")
    phase = get_str(claim, "status", "phase")
    if phase == "Bound":
        return ABSENT
    see = commands.describe_claim(namespace, name)
    return _pending_cause(Reason.VOLUME_NOT_BOUND, f"PersistentVolumeClaim {name} is {phase or 'Pending'}: {see}")


def _cause(event: Object) -> Iterator[PendingCause]:
    reason, said = get_str(event, "reason"), get_str(event, "message")
    if reason == "FailedCreate":
        yield _not_created(_REFUSED.sub("", said))
    elif reason in _EVENTS and _MISSING.search(said):
        yield _pending_cause(Reason.CONFIG_MISSING, said)
    elif reason in _EVENTS:
        yield _pending_cause(_EVENTS[reason], said)


def _not_created(said: str) -> PendingCause:
    if "exceeded quota" in said or "failed quota" in said:
        # The rest counts what others use at the moment.
        return _pending_cause(
            Reason.QUOTA_EXCEEDED, f"The quota forbids the pod: {said.split(', used:', maxsplit=1)[0]}"
        )
    if "violates PodSecurity" in said:
        return _pending_cause(Reason.POD_REFUSED, f"The namespace refuses the pod: {said}")
    if _MISSING.search(said):
        return _pending_cause(Reason.CONFIG_MISSING, said)
    return _pending_cause(Reason.POD_REFUSED if "denied" in said else Reason.POD_NOT_CREATED, said)


def _refined(reason: Reason, said: str) -> Reason:
    refused = reason is Reason.CONFIG_MISSING and _ABOUT_USERS.search(said)
    return Reason.USER_REFUSED if refused else reason


def _waiting_message(reason: Reason, status: Object) -> str:
    said = get_str(status, "state", "waiting", "message")
    if reason is not Reason.IMAGE_PULL_FAILED:
        return said or get_str(status, "state", "waiting", "reason")
    # The kubelet alternates between two wordings of one cause.
    detail = _BACK_OFF.sub("", said)
    return f"Image {get_str(status, 'image')} cannot be pulled" + (f": {detail}" if detail else "")


def _last_seen(event: Object) -> float:
    times = (("lastTimestamp",), ("series", "lastObservedTime"), ("eventTime",), ("metadata", "creationTimestamp"))
    found = [time for path in times if (time := get_time(event, *path)) is not None]
    return max(found, default=NEVER).timestamp()


def _pending_cause(reason: Reason, message: str) -> PendingCause:
    return PendingCause(reason, one_line(_UNSTABLE.sub("", message), LONGEST))

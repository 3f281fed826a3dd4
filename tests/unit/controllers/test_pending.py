"""Why a pod does not start, in the words that real kubelets, schedulers and Job controllers used."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.controllers.run.pending import pending_cause_of_events, pending_cause_of_pod, unbound_claim
from releaseflow.core.facts import ABSENT, PendingCause
from tests.support import objects
from tests.support.objects import condition

PULL = 'failed to pull and unpack image "shop:nope": failed to resolve image: not found'
QUOTA = (
    'Error creating: pods "shop-check-8f3c82cd99-x7xq2" is forbidden: exceeded quota: pods, requested: pods=1,'
    " used: pods=3, limited: pods=3"
)
SECURITY = (
    'Error creating: pods "shop-check-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
)
NO_ACCOUNT = (
    'Error creating: pods "x-1" is forbidden: error looking up service account a/b: serviceaccount "b" not found'
)
MULTI = 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other'
MOUNT = 'MountVolume.SetUp failed for volume "settings" : secret "settings" not found'


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "initContainerStatuses": [{"name": "migrate", "image": "shop:nope", "state": state}]}


def cause(status: dict[str, Any]) -> PendingCause:
    found = pending_cause_of_pod(objects.pod(status=status))
    assert isinstance(found, PendingCause)
    return found


def event(reason: str, message: str, at: str = objects.AT) -> dict[str, Any]:
    return {"metadata": {"name": f"e-{at}"}, "reason": reason, "message": message, "lastTimestamp": at}


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        ("ErrImagePull", Reason.IMAGE_PULL_FAILED),
        ("ImagePullBackOff", Reason.IMAGE_PULL_FAILED),
        ("InvalidImageName", Reason.IMAGE_PULL_FAILED),
        ("CreateContainerConfigError", Reason.CONFIG_MISSING),
        ("CreateContainerError", Reason.CONTAINER_NOT_STARTED),
    ],
)
def test_a_container_that_waits_says_why(reason: str, meaning: Reason) -> None:
    assert cause(waiting(reason, "because")).reason is meaning


@pytest.mark.parametrize(
    "said",
    [
        'container has runAsNonRoot and image will run as root (pod: "shop-1-check-x", container: look)',
        'container has runAsNonRoot and image has non-numeric user (node), cannot verify user is non-root (pod: "x")',
        'container\'s runAsUser breaks non-root policy (pod: "x", container: look)',
    ],
)
def test_a_user_that_the_kubelet_refuses_is_not_taken_for_a_missing_secret(said: str) -> None:
    found = cause(waiting("CreateContainerConfigError", said))
    assert (found.reason, found.message) == (Reason.USER_REFUSED, said)


@pytest.mark.parametrize("reason", ["PodInitializing", "ContainerCreating", ""])
def test_a_container_that_is_only_slow_is_not_stuck(reason: str) -> None:
    assert pending_cause_of_pod(objects.pod(status=waiting(reason))) is ABSENT


def test_the_two_wordings_of_a_failed_pull_are_one_message() -> None:
    first = cause(waiting("ErrImagePull", PULL))
    then = cause(waiting("ImagePullBackOff", f'Back-off pulling image "shop:nope": ErrImagePull: {PULL}'))

    assert first == then
    assert first.message == f"Image shop:nope cannot be pulled: {PULL}"


def test_the_port_of_a_failed_lookup_does_not_change_the_message() -> None:
    said = "lookup registry on 10.0.0.1:53: read udp 172.30.0.1:{}->10.0.0.1:53: i/o timeout"

    assert cause(waiting("ErrImagePull", said.format(37994))) == cause(waiting("ErrImagePull", said.format(51332)))


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available", Reason.UNSCHEDULABLE),
        ("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", Reason.VOLUME_NOT_BOUND),
        ('persistentvolumeclaim "backups" not found', Reason.VOLUME_NOT_BOUND),
        ("0/1 nodes are available: 1 node(s) had volume node affinity conflict.", Reason.VOLUME_NOT_BOUND),
    ],
)
def test_a_pod_that_cannot_be_placed(message: str, meaning: Reason) -> None:
    status = {"phase": "Pending", "conditions": [condition("PodScheduled", "False", "Unschedulable", message)]}

    assert cause(status).reason is meaning
    assert "preemption" not in cause(status).message


@pytest.mark.parametrize(
    ("reason", "message", "meaning"),
    [
        ("FailedCreate", QUOTA, Reason.QUOTA_EXCEEDED),
        ("FailedCreate", SECURITY, Reason.POD_REFUSED),
        ("FailedCreate", NO_ACCOUNT, Reason.CONFIG_MISSING),
        ("FailedCreate", "Error creating: Internal error occurred", Reason.POD_NOT_CREATED),
        ("FailedAttachVolume", MULTI, Reason.VOLUME_NOT_ATTACHED),
        ("FailedMount", MOUNT, Reason.CONFIG_MISSING),
        ("FailedMount", "timed out waiting for the condition", Reason.VOLUME_NOT_ATTACHED),
        ("FailedCreatePodSandBox", "no network", Reason.CONTAINER_NOT_STARTED),
    ],
)
def test_causes_that_only_events_show(reason: str, message: str, meaning: Reason) -> None:
    found = pending_cause_of_events([event(reason, message)])

    assert isinstance(found, PendingCause)
    assert found.reason is meaning


def test_a_quota_is_named_without_what_others_use_of_it() -> None:
    found = pending_cause_of_events([event("FailedCreate", QUOTA)])

    assert found == PendingCause(
        Reason.QUOTA_EXCEEDED, "The quota forbids the pod: exceeded quota: pods, requested: pods=1"
    )


def test_the_newest_event_with_a_cause_counts() -> None:
    found = pending_cause_of_events(
        [
            event("FailedCreate", SECURITY, "2026-11-23T12:00:01Z"),
            event("FailedCreate", QUOTA, "2026-11-23T12:00:02Z"),
            event("Scheduled", "Successfully assigned", "2026-11-23T12:00:03Z"),
        ]
    )

    assert isinstance(found, PendingCause)
    assert found.reason is Reason.QUOTA_EXCEEDED


def test_events_without_a_cause() -> None:
    assert pending_cause_of_events([event("Pulled", "Container image already present")]) is ABSENT


def test_a_claim_that_is_missing_pending_or_bound() -> None:
    missing, pending = (
        unbound_claim(None, "shop", "backups"),
        unbound_claim({"status": {"phase": "Pending"}}, "shop", "backups"),
    )

    assert isinstance(missing, PendingCause)
    assert isinstance(pending, PendingCause)
    assert "There is no PersistentVolumeClaim backups" in missing.message
    assert "kubectl describe pvc backups -n shop" in pending.message
    assert unbound_claim({"status": {"phase": "Bound"}}, "shop", "backups") is ABSENT


def test_no_secret_and_no_second_line_comes_through() -> None:
    found = cause(waiting("CreateContainerError", "connect\npostgresql://shop:hunter2@db/shop"))

    assert "hunter2" not in found.message
    assert "\n" not in found.message

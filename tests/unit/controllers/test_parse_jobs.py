"""Jobs and pods, as the API server sends them at each moment of their life."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.strip import strip
from releaseflow.controllers.parse_jobs import job_facts, pod_facts
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, PodFacts, PodPhase
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.objects import condition

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
LEFT_BY_POLICY = "Container look for pod shop/shop-check-x failed with exit code 1 matching FailJob rule at index 0"


@pytest.mark.parametrize(
    ("conditions", "complete", "failed"),
    [
        ([], False, False),
        ([condition("SuccessCriteriaMet")], False, False),
        ([condition("SuccessCriteriaMet"), condition("Complete")], True, False),
        ([condition("Complete", "False")], False, False),
        ([condition("FailureTarget", reason="BackoffLimitExceeded")], False, False),
        ([condition("FailureTarget", reason="x"), condition("Failed", reason="BackoffLimitExceeded")], False, True),
    ],
)
def test_only_complete_and_failed_end_a_job(conditions: list[Any], complete: bool, failed: bool) -> None:  # noqa: FBT001
    seen = job_facts(objects.job(status={"conditions": conditions, "succeeded": 1, "failed": 1}))

    assert (seen.complete, seen.failed) == (complete, failed)


def test_a_job_says_why_it_fails_before_its_pods_have_ended() -> None:
    target = condition("FailureTarget", reason="DeadlineExceeded")

    seen = job_facts(objects.job(status={"conditions": [target]}))

    assert (seen.failed, seen.failed_reason) == (False, "DeadlineExceeded")


def test_a_job_as_it_was_made() -> None:
    raw = objects.job(finalizers=["releaseflow.dev/outcome"])
    raw["spec"]["suspend"] = True

    seen = job_facts(raw)

    assert (seen.run_uid, seen.attempt, seen.template_hash) == (objects.RUN_UID, 1, "cafe")
    assert seen.suspended
    assert not seen.edited
    assert seen.has_finalizer


def test_a_job_that_was_un_suspended_once_is_edited() -> None:
    assert job_facts(objects.job(generation=2)).edited


def test_a_job_that_may_make_a_second_pod_is_altered() -> None:
    assert job_facts(objects.job()).altered == ()
    for name, value in {"backoffLimit": 6, "completions": 2, "parallelism": 2, "podReplacementPolicy": None}.items():
        raw = objects.job()
        raw["spec"][name] = value
        assert job_facts(raw).altered == (name,)
    raw = objects.job()
    raw["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    assert job_facts(raw).altered == ("restartPolicy",)


def test_the_exit_code_that_a_policy_leaves_outlives_the_pod() -> None:
    failed = condition("Failed", reason="PodFailurePolicy", message=LEFT_BY_POLICY)
    other = condition("Failed", reason="BackoffLimitExceeded", message="exit code 7")

    assert job_facts(objects.job(status={"conditions": [failed]})).failed_exit_code == 1
    assert job_facts(objects.job(status={"conditions": [other]})).failed_exit_code is None


def test_a_job_without_a_run_is_no_crash() -> None:
    seen = job_facts({"metadata": {"name": "x", "annotations": {"releaseflow.dev/attempt": "many"}}, "status": "odd"})

    assert (seen.attempt, seen.run_uid, seen.complete) == (0, "", False)


def ended(code: int, reason: str = "Completed", message: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message, "containerID": "containerd://1"}}


def test_a_pod_that_ran_to_its_end() -> None:
    status = {
        "phase": "Succeeded",
        "initContainerStatuses": [
            {"name": "migrate", "imageID": "sha256:1", "containerID": "containerd://1", "state": ended(0, message="ok")}
        ],
        "containerStatuses": [{"name": "report", "containerID": "containerd://2", "state": ended(0)}],
    }

    seen = pod_facts(objects.pod(status=status), NOW)

    assert isinstance(seen, PodFacts)
    assert (seen.step, seen.job_uid, seen.phase) == (StepType.MIGRATE, objects.JOB_UID, PodPhase.SUCCEEDED)
    assert not seen.alive
    migrate = seen.container(ContainerName.MIGRATE)
    assert migrate is not ABSENT
    assert (migrate.image, migrate.image_id, migrate.exit_code) == ("shop:v2", "sha256:1", 0)
    assert (migrate.started, migrate.message) == (True, "ok")


def running(**spec: Any) -> dict[str, Any]:
    """Return a pod whose phase says that it runs, although both of its containers have ended."""
    status = {
        "phase": "Running",
        "initContainerStatuses": [{"name": "migrate", "containerID": "containerd://1", "state": ended(0)}],
        "containerStatuses": [{"name": "report", "containerID": "containerd://2", "state": ended(0)}],
    }
    raw = objects.pod(status=status)
    raw["spec"] |= spec
    return raw


def is_over(raw: dict[str, Any]) -> bool:
    seen = pod_facts(raw, NOW)
    assert isinstance(seen, PodFacts)
    assert pod_facts(strip(Resource.POD, raw), NOW) == seen, "the cache keeps all that is read of a pod"
    assert seen.alive
    assert seen.started
    return seen.over


def test_a_pod_is_over_before_its_phase_says_so() -> None:
    assert is_over(running())


@pytest.mark.parametrize(
    "state",
    [
        {"running": {"startedAt": "2026-11-23T11:00:00Z"}},
        {"waiting": {"reason": "PodInitializing"}},
        {},
        {"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}},
        {"terminated": {"containerID": "containerd://2"}},
    ],
    ids=["it runs", "it waits", "its status is late", "without an ID", "without an exit code"],
)
def test_a_pod_is_not_over_while_one_container_has_not_ended(state: dict[str, Any]) -> None:
    raw = running()
    raw["status"]["containerStatuses"][0]["state"] = state
    assert not is_over(raw)


def test_a_pod_is_not_over_while_a_container_has_no_status() -> None:
    assert not is_over(
        running(containers=[{"name": "report", "image": "r:1"}, {"name": "istio-proxy", "image": "i:1"}])
    )


def test_what_a_container_was_before_it_was_started_again_is_not_its_end() -> None:
    raw = running()
    raw["status"]["containerStatuses"][0] |= {"state": {"running": {}}, "lastState": ended(0)}
    assert not is_over(raw)


def test_nothing_after_an_init_container_that_failed_is_waited_for() -> None:
    raw = running()
    raw["status"]["initContainerStatuses"][0]["state"] = ended(1)
    raw["status"]["containerStatuses"] = []
    assert is_over(raw)


@pytest.mark.parametrize("state", [ended(1), {"running": {}}, {"waiting": {"reason": "CrashLoopBackOff"}}])
def test_the_end_of_the_steps_own_containers_is_the_end_whatever_a_sidecar_does(state: dict[str, Any]) -> None:
    raw = running()
    raw["spec"]["initContainers"].insert(0, {"name": "proxy", "image": "p:1", "restartPolicy": "Always"})
    raw["status"]["initContainerStatuses"].append({"name": "proxy", "containerID": "c://3", "state": state})
    assert is_over(raw)
    raw["status"]["containerStatuses"][0]["state"] = {"running": {}}
    assert not is_over(raw)


@pytest.mark.parametrize(
    "changed",
    [
        {"restartPolicy": "OnFailure"},
        {"containers": [{"name": "report", "image": "r:1", "restartPolicy": "Always"}]},
        {
            "containers": [
                {"name": "report", "image": "r:1", "restartPolicyRules": [{"action": "RestartAllContainers"}]}
            ]
        },
    ],
)
def test_no_end_is_final_in_a_pod_that_restarts_containers(changed: dict[str, Any]) -> None:
    assert not is_over(running(**changed))


@pytest.mark.parametrize(
    ("status", "disrupted"),
    [
        ({}, False),
        ({"reason": "Evicted"}, True),
        ({"conditions": [condition("DisruptionTarget", reason="PreemptionByScheduler")]}, True),
        ({"conditions": [condition("DisruptionTarget", "False")]}, False),
    ],
)
def test_a_pod_that_was_evicted_is_disrupted(status: dict[str, Any], *, disrupted: bool) -> None:
    seen = pod_facts(objects.pod(status=status), NOW)
    assert isinstance(seen, PodFacts)
    assert seen.disrupted is disrupted


def test_a_pod_that_waits_has_not_started() -> None:
    waiting = {"name": "migrate", "state": {"waiting": {"reason": "ImagePullBackOff"}}}

    seen = pod_facts(objects.pod(status={"phase": "Pending", "initContainerStatuses": [waiting]}), NOW)

    assert isinstance(seen, PodFacts)
    assert seen.alive
    assert not seen.started


def test_a_sidecar_that_runs_is_no_start_of_the_step_unless_it_is_a_container_of_ours() -> None:
    raw = objects.pod(status={"phase": "Pending", "initContainerStatuses": [
        {"name": "proxy", "containerID": "containerd://1", "state": {"running": {}}},
        {"name": "migrate", "state": {"waiting": {"reason": "ImagePullBackOff"}}},
    ]})  # fmt: skip
    steps = raw["spec"]["initContainers"]
    raw["spec"]["initContainers"] = [{"name": "proxy", "image": "p", "restartPolicy": "Always"}, *steps]

    seen = pod_facts(raw, NOW)

    assert isinstance(seen, PodFacts)
    assert [(c.name, c.is_sidecar) for c in seen.containers][:2] == [("proxy", True), ("migrate", False)]
    assert not seen.started
    raw["spec"]["initContainers"][0]["name"] = raw["status"]["initContainerStatuses"][0]["name"] = "check"
    disguised = pod_facts(raw, NOW)
    assert isinstance(disguised, PodFacts)
    assert disguised.started


def test_a_killed_container_says_how_it_ended() -> None:
    status = {"name": "migrate", "containerID": "containerd://1", "state": ended(137, "OOMKilled")}

    seen = pod_facts(objects.pod(status={"phase": "Failed", "initContainerStatuses": [status]}), NOW)

    assert isinstance(seen, PodFacts)
    assert (seen.containers[0].exit_code, seen.containers[0].ended_by) == (137, "OOMKilled")


@pytest.mark.parametrize(("seconds", "lost"), [(-1, True), (1, False)])
def test_a_node_is_lost_when_an_evicted_pod_outlives_its_time(seconds: int, lost: bool) -> None:  # noqa: FBT001
    deadline = (NOW + timedelta(seconds=seconds)).isoformat()
    status = {"phase": "Running", "conditions": [condition("DisruptionTarget", reason="DeletionByTaintManager")]}

    seen = pod_facts(objects.pod(status=status, deletionTimestamp=deadline), NOW)

    assert isinstance(seen, PodFacts)
    assert seen.node_lost is lost


def test_a_pod_that_somebody_deletes_is_not_on_a_lost_node() -> None:
    seen = pod_facts(objects.pod(status={"phase": "Running"}, deletionTimestamp="2026-11-23T11:00:00Z"), NOW)

    assert isinstance(seen, PodFacts)
    assert seen.deleting
    assert not seen.node_lost


def test_a_pod_of_no_step_is_none_of_ours() -> None:
    raw = objects.pod()
    raw["metadata"]["labels"]["releaseflow.dev/step"] = "Dance"

    assert pod_facts(raw, NOW) is ABSENT

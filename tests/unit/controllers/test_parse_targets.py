"""Deployments, by the rules of kubectl rollout status, and the fence on them."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import HELD
from releaseflow.cache.cache import Cache
from releaseflow.controllers.parse_targets import fence_of, fence_text, target_facts
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import Fence
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout
from tests.support import objects
from tests.support.objects import DEPLOYMENT, condition

DONE = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
LATE = [condition("Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "shop-1" has timed out progressing.')]


@pytest.mark.parametrize(
    ("status", "spec", "rollout"),
    [
        (DONE, {}, Rollout.COMPLETE),
        ({**DONE, "observedGeneration": 0}, {}, Rollout.UNOBSERVED),
        ({**DONE, "observedGeneration": 0, "conditions": LATE}, {}, Rollout.UNOBSERVED),
        (DONE, {"paused": True}, Rollout.PAUSED),
        ({**DONE, "updatedReplicas": 1}, {}, Rollout.PROGRESSING),
        ({**DONE, "replicas": 3}, {}, Rollout.PROGRESSING),
        ({**DONE, "availableReplicas": 1}, {}, Rollout.PROGRESSING),
        ({**DONE, "availableReplicas": 1, "conditions": LATE}, {}, Rollout.FAILED),
        ({"observedGeneration": 1}, {"replicas": 0}, Rollout.COMPLETE),
        ({}, {}, Rollout.UNOBSERVED),
    ],
)
def test_rollout(status: dict[str, Any], spec: dict[str, Any], rollout: Rollout) -> None:
    assert WORKLOADS["Deployment"].rollout(objects.deployment(status=status, **spec)).rollout is rollout


def test_a_failed_rollout_says_why() -> None:
    seen = target_facts(
        WORKLOADS["Deployment"], objects.deployment(status={**DONE, "availableReplicas": 0, "conditions": LATE})
    )

    assert seen.rollout_message == 'ReplicaSet "shop-1" has timed out progressing.'


def test_a_fence_is_read_as_it_is_written() -> None:
    fence = Fence("shop", "uid-1", 7)
    raw = objects.deployment()
    raw["metadata"]["annotations"] = {"releaseflow.dev/fence": fence_text(fence)}

    assert fence_of(raw) == fence


@pytest.mark.parametrize(
    "text", ["", "shop", "shop/uid", "shop/uid/x", "shop//1", "a/b/c/1", "shop/uid/-1", "shop/uid/²"]
)
def test_what_is_no_fence_counts_as_none(text: str) -> None:
    raw = objects.deployment()
    raw["metadata"]["annotations"] = {"releaseflow.dev/fence": text}

    assert fence_of(raw) is ABSENT


def test_a_target_is_parsed() -> None:
    raw = objects.deployment(labels={"releaseflow.dev/managed": "true"})
    raw["spec"]["template"]["metadata"]["annotations"] = {"releaseflow.dev/restarted-for": "3"}

    seen = target_facts(WORKLOADS["Deployment"], raw)

    assert seen.images == (("web", "shop:v1"),)
    assert (seen.managed, seen.restarted_for, seen.deleting) == (True, 3, False)


def test_the_last_manager_of_an_image_is_the_same_from_the_cache_and_from_the_api_server() -> None:
    def wrote(manager: str, time: str, *fields: str) -> dict[str, Any]:
        container: dict[str, Any] = {'k:{"name":"web"}': {field: {} for field in fields}}
        written = {"f:spec": {"f:template": {"f:spec": {"f:containers": container}}}}
        return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": written}

    raw = objects.deployment()
    raw["metadata"]["managedFields"] = [
        wrote("kubectl-client-side-apply", "2026-03-01T10:00:00Z", "f:image", "f:env"),
        wrote("kubectl-set", "2026-03-01T12:00:00Z", "f:image"),
        wrote("releaseflow", "2026-03-01T12:30:00Z", "f:image"),
        wrote("kubectl-edit", "2026-03-01T13:00:00Z", "f:imagePullPolicy"),
    ]
    raw["metadata"]["labels"] = {"releaseflow.dev/managed": "true"}
    cache = Cache()
    cache.upsert(DEPLOYMENT, raw)
    [kept] = cache.list_objects(DEPLOYMENT, raw["metadata"]["namespace"])

    assert "f:env" not in str(kept["metadata"])
    assert target_facts(WORKLOADS["Deployment"], raw).image_changed_by == "kubectl-set at 2026-03-01T12:00:00Z"
    assert target_facts(WORKLOADS["Deployment"], kept) == target_facts(WORKLOADS["Deployment"], raw)


@pytest.mark.parametrize("tracked", [True, False])
def test_the_mark_of_argo_cd_is_seen(*, tracked: bool) -> None:
    raw = objects.deployment()
    raw["metadata"].setdefault("annotations", {}).update(
        {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/shop"} if tracked else {}
    )
    assert target_facts(WORKLOADS["Deployment"], raw).is_argo_cds is tracked


@pytest.mark.parametrize(
    ("spec", "is_alone"),
    [
        ({"replicas": 1, "strategy": {"type": "Recreate"}}, True),
        ({"replicas": 2, "strategy": {"type": "Recreate"}}, False),
        ({"replicas": 0, "strategy": {"type": "Recreate"}}, False),
        ({"replicas": 1, "strategy": {"type": "RollingUpdate"}}, False),
        ({"replicas": 1}, False),
    ],
)
def test_a_deployment_is_alone_with_one_pod_that_it_ends_first(spec: dict[str, Any], *, is_alone: bool) -> None:
    seen = target_facts(WORKLOADS["Deployment"], objects.deployment(**spec))
    assert (seen.is_alone, seen.replicas) == (is_alone, spec["replicas"])


@pytest.mark.parametrize(("replicas", "is_alone"), [(1, True), (2, False), (0, False)])
def test_a_statefulset_is_alone_with_one_pod(replicas: int, *, is_alone: bool) -> None:
    assert WORKLOADS["StatefulSet"].is_alone({"spec": {"replicas": replicas}}) is is_alone


def test_our_own_init_container_is_none_of_the_users_and_commands_and_probes_are_seen() -> None:
    raw = objects.deployment()
    template = raw["spec"]["template"]
    template["metadata"]["annotations"] = {"releaseflow.dev/migrates-for": "shop-1-aa"}
    template["spec"] = {
        "containers": [
            {"name": "web", "image": "shop:v1", "command": ["serve"], "startupProbe": {"exec": {}}},
            {"name": "worker", "image": "shop:v1", "args": ["work"], "readinessProbe": {"exec": {}}},
            {"name": "beside", "image": "x", "livenessProbe": {"exec": {}}},
        ],
        "initContainers": [{"name": "assets", "image": "shop:v1"}, {"name": "releaseflow-migrate", "image": "shop:v1"}],
    }
    seen = target_facts(WORKLOADS["Deployment"], raw)
    assert seen.init_images == (("assets", "shop:v1"),)
    assert seen.migrates_for == "shop-1-aa"
    assert (seen.with_command, seen.with_probe) == (("web", "worker"), ("web", "worker"))


@pytest.mark.parametrize(
    ("paused", "annotations", "held"),
    [
        (True, {"releaseflow.dev/held": "true"}, True),
        (True, {}, False),
        (False, {"releaseflow.dev/held": "true"}, False),
    ],
)
def test_a_target_is_held_where_the_policy_paused_it(*, paused: bool, annotations: dict[str, str], held: bool) -> None:
    raw = objects.deployment(labels={"releaseflow.dev/gate": "shop"}, status=DONE, paused=paused)
    raw["metadata"]["annotations"] = annotations

    seen = target_facts(WORKLOADS["Deployment"], raw)

    assert (seen.gated_by, seen.held) == ("shop", held)
    assert seen.has_stale_mark is (bool(annotations) and not paused)
    assert ("is held" in seen.rollout_message) is held, "a person cannot resume it"


@pytest.mark.parametrize(
    ("status", "replicas", "runs"),
    [
        (DONE, 2, True),
        ({**DONE, "updatedReplicas": 0}, 2, False),
        ({**DONE, "updatedReplicas": 1}, 2, False),
        ({**DONE, "observedGeneration": 0}, 2, False),
        ({"observedGeneration": 1}, 0, False),
    ],
)
def test_its_pods_have_its_template_only_where_its_controller_says_so_of_some(
    status: dict[str, Any], replicas: int, *, runs: bool
) -> None:
    raw = objects.deployment(status=status, replicas=replicas, paused=True)
    assert target_facts(WORKLOADS["Deployment"], raw).runs_template is runs


@pytest.mark.parametrize(
    ("suspend", "mark", "held", "resumed"),
    [
        (True, "true", True, {"suspend": None}),
        (True, "suspended", True, {}),
        (True, "", False, None),
        (True, "partition=1", False, None),
        (False, "true", False, None),
        (False, "suspended", False, None),
    ],
)
def test_a_cronjob_is_held_where_the_policy_suspended_it_and_becomes_again_what_it_was(
    mark: str, resumed: Any, *, suspend: bool, held: bool
) -> None:
    raw = {"metadata": {"annotations": {HELD: mark}}, "spec": {"suspend": suspend}}
    seen = target_facts(WORKLOADS["CronJob"], raw)
    assert (seen.held, seen.mark) == (held, mark if held else "")
    assert seen.has_stale_mark is (not suspend)
    assert resumed is None or WORKLOADS["CronJob"].resumed(seen.mark) == resumed


ABOVE_ALL = 2_147_483_647
REFUSED = {HELD: "true"}


@pytest.mark.parametrize(
    ("partition", "labels", "mark", "held", "is_stale"),
    [
        (ABOVE_ALL, REFUSED, "true", True, False),
        (ABOVE_ALL, REFUSED, "partition=2", True, False),
        (ABOVE_ALL, REFUSED, "", False, True),
        (ABOVE_ALL, REFUSED, "suspended", False, True),
        (ABOVE_ALL, {}, "true", False, True),
        (0, REFUSED, "true", False, True),
        (0, {}, "true", False, True),
        (2, {}, "", False, False),
    ],
)
def test_a_statefulset_is_held_by_its_partition_and_the_label_of_its_pods(
    partition: int, labels: dict[str, str], mark: str, *, held: bool, is_stale: bool
) -> None:
    spec = {
        "updateStrategy": {"rollingUpdate": {"partition": partition}},
        "template": {"metadata": {"labels": {"app": "db"} | labels}},
    }
    seen = target_facts(WORKLOADS["StatefulSet"], {"metadata": {"annotations": {HELD: mark}}, "spec": spec})
    assert (seen.held, seen.has_stale_mark, seen.mark) == (held, is_stale, mark if held else "")


@pytest.mark.parametrize(("mark", "partition"), [("true", 0), ("partition=2", 2), ("partition=02", None), ("", None)])
def test_a_statefulset_gets_its_owners_partition_back(mark: str, partition: int | None) -> None:
    fields = WORKLOADS["StatefulSet"].resumed(mark)
    assert fields["template"] == {"metadata": {"labels": {HELD: None}}}
    noted = {} if partition is None else {"updateStrategy": {"rollingUpdate": {"partition": partition}}}
    assert fields == {"template": fields["template"], **noted}

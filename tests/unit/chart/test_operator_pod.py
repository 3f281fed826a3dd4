"""The operator's pods: restricted, known to the probes, with their namespace in the environment."""

from typing import Any

import pytest

from tests.unit.chart.rendering import Chart, Manifest, Objects


@pytest.fixture(scope="session")
def deployment(defaults: Objects) -> Manifest:
    return defaults.only("Deployment")


@pytest.fixture(scope="session")
def pod(deployment: Manifest) -> dict[str, Any]:
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


@pytest.fixture(scope="session")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod["containers"]
    return dict(only)


def test_the_pod_is_restricted(pod: dict[str, Any], container: dict[str, Any]) -> None:
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"volumes", "hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)


def test_the_platform_may_choose_the_user(chart: Chart) -> None:
    pod = chart.objects({"runAsUser": None}).only("Deployment")["spec"]["template"]["spec"]

    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def test_only_the_pod_gets_the_token(defaults: Objects, pod: dict[str, Any]) -> None:
    assert defaults.only("ServiceAccount")["automountServiceAccountToken"] is False
    assert pod["automountServiceAccountToken"] is True
    assert pod["serviceAccountName"] == defaults.only("ServiceAccount")["metadata"]["name"]


def test_the_process_has_its_namespace_and_its_settings_in_the_environment(chart: Chart) -> None:
    values = {
        "namespaces": ["shop", "bank"],
        "database": {"client": {"image": "example.test/pg:19"}},
        "log": {"format": "console", "level": "debug"},
        "image": {"repository": "example.test/operator", "tag": "1.2.3", "pullPolicy": "Always"},
    }
    (container,) = chart.objects(values).only("Deployment")["spec"]["template"]["spec"]["containers"]

    assert {entry["name"]: entry.get("value") or entry["valueFrom"] for entry in container["env"]} == {
        "POD_NAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        "POD_NAMESPACE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
        "RELEASEFLOW_NAMESPACES": "shop,bank",
        "RELEASEFLOW_CLIENT_IMAGE": "example.test/pg:19",
        "RELEASEFLOW_OPERATOR_IMAGE": "example.test/operator:1.2.3",
        "RELEASEFLOW_LOG_FORMAT": "console",
        "RELEASEFLOW_LOG_LEVEL": "debug",
        "RELEASEFLOW_PROBE_PORT": "8080",
    }
    assert container["image"] == "example.test/operator:1.2.3"
    assert container["imagePullPolicy"] == "Always"


def test_no_namespace_means_the_whole_cluster(container: dict[str, Any]) -> None:
    # No value, and not an empty one: kubectl apply would find a difference each time.
    assert {"name": "RELEASEFLOW_NAMESPACES"} in container["env"]


def test_probes_ask_the_port_that_is_served(container: dict[str, Any]) -> None:
    paths = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}

    assert paths == {
        "startupProbe": {"path": "/healthz", "port": "probes"},
        "readinessProbe": {"path": "/readyz", "port": "probes"},
        "livenessProbe": {"path": "/healthz", "port": "probes"},
    }
    assert container["ports"] == [{"name": "probes", "containerPort": 8080}]


def test_one_operator_is_always_there(defaults: Objects, deployment: Manifest) -> None:
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert defaults.only("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_everything_selects_the_pods_that_are_made(defaults: Objects, deployment: Manifest) -> None:
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        defaults.only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        defaults.only("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *(
            constraint["labelSelector"]["matchLabels"]
            for constraint in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        ),
    ]

    assert len(selectors) == 5
    assert all(selector and selector.items() <= labels.items() for selector in selectors)


def test_one_node_is_enough(pod: dict[str, Any]) -> None:
    assert {constraint["whenUnsatisfiable"] for constraint in pod["topologySpreadConstraints"]} == {"ScheduleAnyway"}
    assert "affinity" not in pod


def test_only_the_api_server_and_dns_are_reached_and_only_probes_come_in(defaults: Objects) -> None:
    spec = defaults.only("NetworkPolicy")["spec"]

    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert [port["port"] for rule in spec["egress"] for port in rule["ports"]] == [443, 6443, 53, 53]
    assert [port["port"] for rule in spec["ingress"] for port in rule["ports"]] == [8080]


def test_optional_objects_can_be_left_out(chart: Chart) -> None:
    objects = chart.objects({"networkPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}})

    assert not objects.of_kind("NetworkPolicy", "PodDisruptionBudget")


def test_two_installations_share_no_name(chart: Chart) -> None:
    without_shared = {"crds": {"install": False}, "userRoles": {"create": False}}
    first, second = (
        {(manifest["kind"], manifest["metadata"]["name"]) for manifest in chart.objects(values, release=release).all}
        for values, release in (({}, "releaseflow"), (without_shared, "team"))
    )

    assert not first & second

"""The Service for /metrics, and what the Prometheus Operator is given."""

import subprocess
from typing import Any

import pytest
import yaml

from tests.unit.chart.rendering import CHART, NAMESPACE, Chart, Objects

MONITOR: dict[str, Any] = {"enabled": True, "interval": "15s", "labels": {"release": "kube-prometheus-stack"}}
RULE = {"enabled": True, "labels": {"role": "alert-rules"}}


@pytest.fixture(scope="module")
def monitored(chart: Chart) -> Objects:
    return chart.objects({"metrics": {"serviceMonitor": MONITOR, "prometheusRule": RULE}})


def test_what_needs_other_crds_is_off(defaults: Objects) -> None:
    assert not defaults.of_kind("ServiceMonitor", "PrometheusRule")
    assert defaults.only("Service")


def test_the_service_leads_to_the_port_of_the_probes(defaults: Objects) -> None:
    service, pod = defaults.only("Service"), defaults.only("Deployment")["spec"]["template"]
    (port,) = service["spec"]["ports"]
    (container,) = pod["spec"]["containers"]

    assert (port["name"], port["port"]) == ("metrics", 8080)
    assert port["targetPort"] in {named["name"] for named in container["ports"]}
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()


def test_the_network_policy_lets_scrapes_in(defaults: Objects) -> None:
    (rule,) = defaults.only("NetworkPolicy")["spec"]["ingress"]
    (container,) = defaults.only("Deployment")["spec"]["template"]["spec"]["containers"]

    assert {port["port"] for port in rule["ports"]} == {port["containerPort"] for port in container["ports"]}
    assert "from" not in rule


def test_the_monitor_finds_the_service(monitored: Objects) -> None:
    monitor, service = monitored.only("ServiceMonitor"), monitored.only("Service")
    spec: dict[str, Any] = monitor["spec"]

    assert spec["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert spec["namespaceSelector"] == {"matchNames": [NAMESPACE]}
    assert monitor["metadata"]["labels"].items() >= MONITOR["labels"].items()
    assert spec["endpoints"] == [{"port": "metrics", "path": "/metrics", "interval": "15s", "honorLabels": True}]


def test_the_monitor_finds_no_other_service(monitored: Objects) -> None:
    labels = monitored.only("Deployment")["metadata"]["labels"]

    assert not monitored.only("ServiceMonitor")["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_rule_holds_the_file_of_alerts(monitored: Objects) -> None:
    rule = monitored.only("PrometheusRule")

    assert rule["spec"] == yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())
    assert rule["metadata"]["labels"]["role"] == "alert-rules"


def test_nothing_is_left_where_metrics_are_not_wanted(chart: Chart) -> None:
    assert not chart.objects({"metrics": {"enabled": False}}).of_kind("Service")


def test_a_monitor_without_a_service_is_refused(chart: Chart) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        chart.text({"metrics": {"enabled": False, "serviceMonitor": {"enabled": True}}})

    assert "set metrics.enabled to true" in refusal.value.stderr

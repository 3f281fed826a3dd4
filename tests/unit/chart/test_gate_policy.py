"""The policies of gate mode as the chart makes them; tests/unit/chart/gate tries them on a real API server."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import BYPASS, GATE_LABEL, HELD
from releaseflow.workloads.registry import WORKLOADS
from tests.unit.chart.rendering import NAMESPACE, Chart, Objects, Values

POLICIES = ("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy")
BINDINGS = ("MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicyBinding")
NAME = "releaseflow-gate"
SERVED = "--api-versions=admissionregistration.k8s.io/v1/MutatingAdmissionPolicy"
OTHERS: Values = {"admissionPolicy": {"enabled": False}}


def all_of(chart: Chart, policy: str, *options: str, release: str = "releaseflow", **values: object) -> Objects:
    """The objects, without the other policy of the chart."""
    return chart.objects({**OTHERS, "gate": {"policy": policy}, **values}, *options, release=release)


def of_gate_mode(chart: Chart, policy: str, *options: str, release: str = "releaseflow", **values: object) -> Objects:
    """The four objects that see workloads, without the two that see pods."""
    found = all_of(chart, policy, *options, release=release, **values).all
    return Objects(tuple(one for one in found if not is_for_pods(one)))


def is_for_pods(one: dict[str, Any]) -> bool:
    return bool(one["metadata"]["name"] == f"{NAME}-pods")


@pytest.fixture(scope="module")
def gate(chart: Chart) -> Objects:
    return of_gate_mode(chart, "Always")


@pytest.mark.parametrize(
    ("policy", "options", "count"),
    [
        ("Auto", (), 0),
        ("Auto", (SERVED,), 4),
        ("Always", (), 4),
        ("Never", (SERVED,), 0),
    ],
)
def test_they_are_installed_where_the_cluster_knows_them(
    chart: Chart, policy: str, options: tuple[str, ...], count: int
) -> None:
    assert len(of_gate_mode(chart, policy, *options).of_kind(*POLICIES, *BINDINGS)) == count


def test_they_have_the_name_that_the_operator_looks_for(chart: Chart) -> None:
    found = of_gate_mode(chart, "Always", release="other").of_kind(*POLICIES, *BINDINGS)

    assert [one["metadata"]["name"] for one in found] == [NAME] * 4


def test_they_are_for_labelled_workloads_and_are_never_skipped(gate: Objects) -> None:
    held = {"apps": ["deployments", "statefulsets"], "argoproj.io": ["rollouts"], "batch": ["cronjobs"]}
    judged = {group: with_status(*resources) for group, resources in held.items()}
    judged["apps"].append("daemonsets")
    for kind, of_groups in zip(POLICIES, (held, judged), strict=True):
        spec = gate.only(kind)["spec"]
        assert spec["failurePolicy"] == "Fail"
        assert spec["matchConstraints"] == {
            "objectSelector": {"matchExpressions": [{"key": GATE_LABEL, "operator": "Exists"}]},
            "resourceRules": [
                {
                    "apiGroups": [group],
                    "apiVersions": ["v1alpha1" if group == "argoproj.io" else "v1"],
                    "resources": resources,
                    "operations": ["CREATE", "UPDATE"],
                    "scope": "Namespaced",
                }
                for group, resources in of_groups.items()
            ],
        }
    assert gate.only(POLICIES[0])["spec"]["reinvocationPolicy"] == "IfNeeded"


def with_status(*plurals: str) -> list[str]:
    return [resource for plural in plurals for resource in (plural, f"{plural}/status")]


def test_the_workloads_that_can_be_held_are_those_that_a_flow_may_name(gate: Objects) -> None:
    rules = gate.only(POLICIES[0])["spec"]["matchConstraints"]["resourceRules"]
    held = {resource for rule in rules for resource in rule["resources"]}
    assert held == {workload.plural for workload in WORKLOADS.values() if workload.can_be_held}


def test_pods_with_the_label_of_a_template_that_is_held_are_refused_everywhere(chart: Chart) -> None:
    found = [one for one in all_of(chart, "Always", namespaces=["shop"]).all if is_for_pods(one)]
    policy, binding = found
    spec = policy["spec"]
    selector = {"matchExpressions": [{"key": HELD, "operator": "Exists"}]}
    assert (spec["failurePolicy"], spec["matchConstraints"]["objectSelector"]) == ("Fail", selector)
    assert [rule["resources"] for rule in spec["matchConstraints"]["resourceRules"]] == [["pods"]]
    assert (binding["spec"]["policyName"], binding["spec"]["validationActions"]) == (f"{NAME}-pods", ["Deny"])
    assert binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][0]["values"] == ["shop"]


def test_both_hold(gate: Objects) -> None:
    assert gate.only(BINDINGS[0])["spec"] == {"policyName": NAME}
    assert gate.only(BINDINGS[1])["spec"] == {"policyName": NAME, "validationActions": ["Deny"]}


@pytest.mark.parametrize("account", ["", "custom"])
def test_they_are_for_everybody_but_the_operator(chart: Chart, account: str) -> None:
    objects = of_gate_mode(chart, "Always", serviceAccount={"name": account})

    for kind in POLICIES:
        assert objects.only(kind)["spec"]["matchConditions"] == [
            {
                "name": "not-the-operator",
                "expression": "request.userInfo.username != "
                f"'system:serviceaccount:{NAMESPACE}:{account or 'releaseflow'}'",
            }
        ]


def test_for_named_namespaces_they_mind_only_those(chart: Chart) -> None:
    objects = of_gate_mode(chart, "Always", namespaces=["shop", "bank"])

    for kind in BINDINGS:
        assert objects.only(kind)["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"] == [
            {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["shop", "bank"]}
        ]


def test_they_use_the_words_of_the_operator(gate: Objects) -> None:
    for kind in POLICIES:
        text = str(gate.only(kind)["spec"])
        assert all(f"'{word}'" in text.replace("\\'", "'") for word in (HELD, BYPASS)), kind
    assert f"'{GATE_LABEL}'" in str(gate.only(POLICIES[1])["spec"]).replace("\\'", "'")

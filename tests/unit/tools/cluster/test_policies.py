"""What the node makes of NetworkPolicies; stories show that the kernel enforces it."""

from typing import Any

import pytest

from tools.cluster.driver.node.policies import Selected, addresses, ruleset, selector

POD = "10.244.0.5"


def rules(spec: dict[str, Any], *others: dict[str, Any]) -> list[str]:
    selected = [Selected({"spec": one}, frozenset({POD})) for one in (spec, *others)]
    return [line for line in ruleset(selected).splitlines() if line.startswith("ip ")]


def test_the_ports_that_are_allowed_pass_and_nothing_else_does() -> None:
    ports = [{"port": 443, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}, {"port": 1, "endPort": 9}]
    assert rules({"policyTypes": ["Egress"], "egress": [{"ports": ports}]}) == [
        f"ip saddr {POD} tcp dport 443-443 return",
        f"ip saddr {POD} udp dport 53-53 return",
        f"ip saddr {POD} tcp dport 1-9 return",
        f"ip saddr {POD} counter drop",
    ]


def test_a_direction_without_a_rule_is_closed_and_one_that_is_not_named_is_open() -> None:
    assert rules({"policyTypes": ["Ingress"]}) == [f"ip daddr {POD} counter drop"]


def test_what_one_of_two_policies_allows_passes() -> None:
    one, two = ({"policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": port}]}]} for port in (80, 81))
    assert rules(one, two) == [
        f"ip daddr {POD} tcp dport 80-80 return",
        f"ip daddr {POD} tcp dport 81-81 return",
        f"ip daddr {POD} counter drop",
    ]


@pytest.mark.parametrize(
    "rule", [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, {"ports": [{"port": "https", "protocol": "TCP"}]}]
)
def test_what_the_node_cannot_enforce_is_forbidden_and_never_let_through(rule: dict[str, Any]) -> None:
    assert rules({"policyTypes": ["Egress"], "egress": [rule]}) == [f"ip saddr {POD} counter drop"]


def test_a_rule_without_ports_allows_all() -> None:
    assert rules({"policyTypes": ["Egress"], "egress": [{}]})[0].endswith("{ tcp, udp, sctp } return")


def test_pods_are_selected_as_the_api_server_does_it() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "tier", "operator": "NotIn", "values": ["c"]},
        {"key": "app", "operator": "Exists"},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    labels = {"matchLabels": {"app": "shop"}, "matchExpressions": expressions}
    assert selector({"spec": {"podSelector": labels}}) == "app=shop,tier in (a,b),tier notin (c),app,!old"
    assert selector({"spec": {"podSelector": {}}}) == ""


def test_only_pods_with_an_address_of_their_own_count() -> None:
    def pod(address: str, phase: str = "Running", **spec: Any) -> dict[str, Any]:
        return {"spec": spec, "status": {"podIP": address, "phase": phase}}

    pods = [pod("1"), pod("2", "Succeeded"), pod("3", hostNetwork=True), {"spec": {}, "status": {"phase": "Pending"}}]
    assert addresses(pods) == {"1"}

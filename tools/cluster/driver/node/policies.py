"""Enforces NetworkPolicies by nftables, as far as the policies of this project go; what goes further is forbidden."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..run import run
from .api import Api
from .layout import Layout
from .watches import look_at_changes

POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
PODS = "/api/v1/pods"
TABLE = "network-policies"
ENDED = {"Succeeded", "Failed"}
DIRECTIONS = {"Egress": "saddr", "Ingress": "daddr"}
"""The directions of a policy, and the address by which a packet is that of a selected pod."""
PEERS = ("from", "to")


@dataclass(frozen=True)
class Selected:
    """A policy, and the addresses of the pods that it selects."""

    policy: Mapping[str, Any]
    addresses: frozenset[str]


def selector(policy: Mapping[str, Any]) -> str:
    """The pod selector of a policy, as the API server reads one in a query."""
    pods = policy["spec"].get("podSelector", {})
    labels = [f"{key}={value}" for key, value in pods.get("matchLabels", {}).items()]
    return ",".join([*labels, *(requirement(one) for one in pods.get("matchExpressions", []))])


def requirement(expression: Mapping[str, Any]) -> str:
    """One requirement of a label selector, as text."""
    key, values = str(expression["key"]), ",".join(expression.get("values", []))
    words = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key, "DoesNotExist": f"!{key}"}
    return words[str(expression["operator"])]


def addresses(pods: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Addresses of pods that have one of their own."""
    return frozenset(
        pod["status"]["podIP"]
        for pod in pods
        if pod["status"].get("podIP") and pod["status"].get("phase") not in ENDED and not pod["spec"].get("hostNetwork")
    )


def allowed_ports(rule: Mapping[str, Any]) -> list[str]:
    """What a rule allows, as nftables says it; nothing where it names peers or names of ports."""
    if any(rule.get(peer) for peer in PEERS):
        print(f"a rule with peers allows nothing here: {rule}", flush=True)
        return []
    if not rule.get("ports"):
        return ["meta l4proto { tcp, udp, sctp }"]
    return [allowed for port in rule["ports"] for allowed in allowed_port(port)]


def allowed_port(port: Mapping[str, Any]) -> list[str]:
    """One port or range of a rule, as nftables says it."""
    protocol, first = port.get("protocol", "TCP").lower(), port.get("port")
    if first is None:
        return [f"meta l4proto {protocol}"]
    if not isinstance(first, int):
        print(f"a port with a name allows nothing here: {port}", flush=True)
        return []
    return [f"{protocol} dport {first}-{port.get('endPort', first)}"]


def chain(direction: str, selected: Iterable[Selected]) -> list[str]:
    """The rules of one direction: what any policy of a pod allows passes, and nothing else of that pod does."""
    field, allowed = DIRECTIONS[direction], dict[str, list[str]]()
    for one in selected:
        if direction in one.policy["spec"]["policyTypes"]:
            rules = [port for rule in one.policy["spec"].get(direction.lower(), []) for port in allowed_ports(rule)]
            for address in one.addresses:
                allowed.setdefault(address, []).extend(rules)
    lines = []
    for address, rules in sorted(allowed.items()):
        lines += [f"ip {field} {address} {rule} return" for rule in rules]
        lines.append(f"ip {field} {address} counter drop")
    return lines


def ruleset(selected: Iterable[Selected]) -> str:
    """The whole table, which replaces the one before in one transaction.

    Answers pass, as does what the node itself sends to a pod: its kubelet probes it.
    """
    policies = list(selected)
    answers = "ct state established,related accept"
    return "\n".join(
        [
            f"table inet {TABLE}",
            f"delete table inet {TABLE}",
            f"table inet {TABLE} {{",
            *("chain egress {", *chain("Egress", policies), "}"),
            *("chain ingress {", *chain("Ingress", policies), "}"),
            f"chain forward {{ type filter hook forward priority 0; {answers}; jump egress; jump ingress; }}",
            f"chain input {{ type filter hook input priority 0; {answers}; jump egress; }}",
            "}",
            "",
        ]
    )


class Policies:
    """Keeps the table as the policies and the addresses of the pods say."""

    def __init__(self, api: Api, file: Path) -> None:
        self.api = api
        self.file = file
        self.written = ""

    def serve(self) -> None:
        """Enforce for ever."""
        look_at_changes(self.api, (POLICIES, PODS), self.look)

    def look(self) -> None:
        """Write the table where it has changed."""
        text = ruleset([self.select(policy) for policy in self.api.call("GET", POLICIES)["items"]])
        if text != self.written:
            self.file.write_text(text)
            run(["nft", "--file", self.file])
            self.written = text

    def select(self, policy: Mapping[str, Any]) -> Selected:
        """The pods of a policy."""
        query = quote(selector(policy))
        path = f"/api/v1/namespaces/{policy['metadata']['namespace']}/pods?labelSelector={query}"
        return Selected(policy, addresses(self.api.call("GET", path)["items"]))


if __name__ == "__main__":
    layout = Layout(Path(sys.argv[1]))
    Policies(Api(layout.certificates), layout.configuration / "network-policies.nft").serve()

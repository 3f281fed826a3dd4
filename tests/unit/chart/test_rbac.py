"""Who may do what: the operator's rights and the people's, each as one table."""

import pytest

from releaseflow.workloads.registry import WORKLOADS
from tests.unit.chart.rendering import NAMESPACE, Chart, Manifest, Objects

READ = ("get", "list", "watch")
OWN = (*READ, "create", "update", "patch", "delete")

WHERE_IT_SERVES = {
    ("releaseflow.dev", "releaseflows", READ),
    ("releaseflow.dev", "migrationruns", OWN),
    ("releaseflow.dev", "releaseflows/status", ("update", "patch")),
    ("releaseflow.dev", "migrationruns/status", ("update", "patch")),
    ("batch", "jobs", OWN),
    ("", "pods", (*READ, "patch")),
    *((workload.group, workload.plural, workload.verbs) for workload in WORKLOADS.values()),
    ("", "events", ("list", "create", "patch")),
    ("", "persistentvolumeclaims", ("get",)),
    ("", "namespaces", ("get",)),
}
IN_ITS_OWN_NAMESPACE = {("coordination.k8s.io", "leases", OWN)}
FOR_GATE_MODE = {
    ("admissionregistration.k8s.io", f"{kind}admission{what}", ("get",))
    for kind in ("mutating", "validating")
    for what in ("policies", "policybindings")
}
ROLES = ("Role", "ClusterRole")


def rights(role: Manifest) -> set[tuple[str, str, tuple[str, ...]]]:
    return {
        (group, resource, tuple(rule["verbs"]))
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def name(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def given_to_the_operator(objects: Objects) -> dict[tuple[str, str], set[tuple[str, str, tuple[str, ...]]]]:
    """Its rights by (namespace, role), followed through the bindings."""
    roles = {(role["kind"], *name(role)): rights(role) for role in objects.of_kind(*ROLES)}
    found = {}
    for binding in objects.of_kind("RoleBinding", "ClusterRoleBinding"):
        subject = {"kind": "ServiceAccount", "name": "releaseflow", "namespace": NAMESPACE}
        assert binding["subjects"] == [subject]
        namespace, _ = name(binding)
        found[namespace, binding["roleRef"]["name"]] = roles[
            binding["roleRef"]["kind"], namespace, binding["roleRef"]["name"]
        ]
    return found


def test_the_operator_serves_the_cluster_and_keeps_its_leases_at_home(defaults: Objects) -> None:
    assert given_to_the_operator(defaults) == {
        ("", "releaseflow"): WHERE_IT_SERVES,
        ("", "releaseflow-gate"): FOR_GATE_MODE,
        (NAMESPACE, "releaseflow-leases"): IN_ITS_OWN_NAMESPACE,
    }


def test_for_named_namespaces_it_reads_no_more_outside_of_them_than_policies(chart: Chart) -> None:
    objects = chart.objects({"namespaces": ["shop", "bank"]})

    assert given_to_the_operator(objects) == {
        ("shop", "releaseflow"): WHERE_IT_SERVES,
        ("bank", "releaseflow"): WHERE_IT_SERVES,
        ("", "releaseflow-gate"): FOR_GATE_MODE,
        (NAMESPACE, "releaseflow-leases"): IN_ITS_OWN_NAMESPACE,
    }
    assert {name(role) for role in objects.of_kind("ClusterRole")} == {
        ("", "releaseflow-view"),
        ("", "releaseflow-edit"),
        ("", "releaseflow-gate"),
    }


def test_of_the_cluster_s_policies_it_may_read_those_of_gate_mode(chart: Chart) -> None:
    named = [
        (role["metadata"]["name"], rule["resourceNames"])
        for role in chart.objects(release="other").of_kind(*ROLES)
        for rule in role["rules"]
        if "resourceNames" in rule
    ]

    assert named == [("other-releaseflow-gate", ["releaseflow-gate", "releaseflow-gate-pods"])]


def test_without_gate_mode_it_may_read_none(chart: Chart) -> None:
    objects = chart.objects({"namespaces": ["shop"], "gate": {"policy": "Never"}})

    assert not objects.of_kind("ClusterRoleBinding")
    assert "admissionregistration.k8s.io" not in str(objects.of_kind(*ROLES))


@pytest.mark.parametrize("values", [{}, {"namespaces": ["shop"]}], ids=["cluster-wide", "namespaced"])
def test_no_role_knows_secrets_or_wildcards(chart: Chart, values: dict[str, list[str]]) -> None:
    for role in chart.objects(values).of_kind(*ROLES):
        for rule in role["rules"]:
            words = {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}
            assert not {word for word in words if "*" in word}, role["metadata"]["name"]
            assert not words & {"secrets", "pods/exec", "pods/log", "impersonate", "escalate", "bind"}
            assert set(rule) - {"resourceNames"} == {"apiGroups", "resources", "verbs"}


def test_an_account_that_is_named_may_execute_in_its_namespace_and_the_operator_nowhere(chart: Chart) -> None:
    objects = chart.objects({"runningContainer": {"serviceAccounts": [{"namespace": "shop", "name": "migrator"}]}})
    bindings = [binding for binding in objects.of_kind("RoleBinding") if name(binding)[0] == "shop"]
    roles = {name(role): rights(role) for role in objects.of_kind("Role")}

    assert [binding["subjects"] for binding in bindings] == [
        [{"kind": "ServiceAccount", "name": "migrator", "namespace": "shop"}]
    ]
    assert roles["shop", bindings[0]["roleRef"]["name"]] == {
        ("", "pods", ("get", "list")),
        ("", "pods/exec", ("create", "get")),
    }
    assert [where for where, given in roles.items() if ("", "pods/exec", ("create", "get")) in given] == [
        ("shop", "releaseflow-executes-migrator")
    ]


def test_people_get_everything_but_the_status(defaults: Objects) -> None:
    roles = {role["metadata"]["name"]: role for role in defaults.of_kind("ClusterRole")}
    both = ("releaseflows", "migrationruns")

    assert rights(roles["releaseflow-view"]) == {("releaseflow.dev", kind, READ) for kind in both}
    assert rights(roles["releaseflow-edit"]) == {("releaseflow.dev", kind, (*OWN, "deletecollection")) for kind in both}
    assert aggregations(roles["releaseflow-view"]) == {"view", "edit", "admin"}
    assert aggregations(roles["releaseflow-edit"]) == {"edit", "admin"}
    assert aggregations(roles["releaseflow"]) == set()


def aggregations(role: Manifest) -> set[str]:
    prefix = "rbac.authorization.k8s.io/aggregate-to-"
    return {label.removeprefix(prefix) for label in role["metadata"]["labels"] if label.startswith(prefix)}


def test_the_roles_of_people_can_be_left_out(chart: Chart) -> None:
    roles = chart.objects({"userRoles": {"create": False}}).of_kind("ClusterRole")

    assert [role["metadata"]["name"] for role in roles] == ["releaseflow", "releaseflow-gate"]

"""The admission policy: what it matches; which users it refuses is tried on a real API server by tests/e2e."""

import re

from releaseflow.api.v1alpha1.backup import MEMBERS
from releaseflow.workloads.registry import WORKLOADS
from tests.unit.chart.rendering import Chart, Objects
from tools import backup_members

POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"


def test_it_asks_once_for_each_right_that_the_operator_would_lend(defaults: Objects) -> None:
    spec = defaults.only(POLICY)["spec"]
    (rule,) = spec["matchConstraints"]["resourceRules"]

    assert [" ".join(validation["expression"].split()) for validation in spec["validations"]] == [
        "variables.backups.all(backup, backup in variables.allowedBackups)",
        "authorizer.group('batch').resource('jobs').namespace(request.namespace).check('create').allowed()",
        *(
            f"!('{kind}' in variables.kinds) || authorizer.group('{of.group}').resource('{of.plural}')"
            ".namespace(request.namespace).check('patch').allowed()"
            for kind, of in WORKLOADS.items()
        ),
    ]
    assert rule["resources"] == ["releaseflows", "migrationruns"]
    assert rule["operations"] == ["CREATE", "UPDATE"]


def test_it_refuses_and_is_never_skipped(defaults: Objects) -> None:
    assert defaults.only(POLICY)["spec"]["failurePolicy"] == "Fail"
    assert defaults.only(BINDING)["spec"] == {
        "policyName": defaults.only(POLICY)["metadata"]["name"],
        "validationActions": ["Deny"],
    }


def test_it_covers_every_served_version(defaults: Objects) -> None:
    (rule,) = defaults.only(POLICY)["spec"]["matchConstraints"]["resourceRules"]
    crds = defaults.of_kind("CustomResourceDefinition")

    assert {version["name"] for crd in crds for version in crd["spec"]["versions"]} == set(rule["apiVersions"])
    assert {crd["spec"]["names"]["plural"] for crd in crds} == set(rule["resources"])


def test_for_named_namespaces_it_minds_only_those(chart: Chart) -> None:
    binding = chart.objects({"namespaces": ["shop", "bank"]}).only(BINDING)

    assert binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"] == [
        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["shop", "bank"]}
    ]


def test_it_knows_every_member_of_a_backup_and_allows_all_where_nothing_else_is_said(defaults: Objects) -> None:
    said = variables(defaults)

    assert re.findall(r"has\(object\.spec\.backup\.(\w+)\) \? \['\1'\]", said["backups"]) == list(MEMBERS)
    assert said["allowedBackups"] == str(list(MEMBERS))
    assert backup_members.CHART.read_text() == backup_members.chart_file(), "run: make crds"


def test_a_cluster_may_allow_fewer_backups(chart: Chart) -> None:
    fewer = chart.objects({"admissionPolicy": {"allowedBackups": ["pointInTime"]}})

    assert variables(fewer)["allowedBackups"] == "['pointInTime']"


def variables(objects: Objects) -> dict[str, str]:
    """The expressions of the policy's variables, by their names."""
    return {one["name"]: one["expression"] for one in objects.only(POLICY)["spec"]["variables"]}


def test_it_can_be_left_out(chart: Chart) -> None:
    assert not chart.objects({"admissionPolicy": {"enabled": False}}).of_kind(POLICY, BINDING)

"""The admission policy: what it matches; which users it refuses is tried on a real API server by tests/e2e."""

from releaseflow.workloads.registry import WORKLOADS
from tests.unit.chart.rendering import Chart, Objects

POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"


def test_it_asks_once_for_each_right_that_the_operator_would_lend(defaults: Objects) -> None:
    spec = defaults.only(POLICY)["spec"]
    (rule,) = spec["matchConstraints"]["resourceRules"]

    assert [" ".join(validation["expression"].split()) for validation in spec["validations"]] == [
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


def test_it_can_be_left_out(chart: Chart) -> None:
    assert not chart.objects({"admissionPolicy": {"enabled": False}}).of_kind(POLICY, BINDING)

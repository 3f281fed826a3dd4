"""Who may write flows and runs, tried on a real API server with the policy that the chart installs."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.bad_runners import WAY
from tests.e2e.kubectl import Kubectl
from tests.e2e.objects import FLOW, RUN
from tests.e2e.policy import eventually, refusal, rendered

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("crds")]

OTHER_IMAGE = '--patch={"spec": {"image": "example.test/shop:3"}}'
NO_FINALIZER = '--patch={"metadata": {"finalizers": null}}'

RIGHTS = {
    "flows": ("get,create,patch,delete", "releaseflows.releaseflow.dev,migrationruns.releaseflow.dev"),
    "jobs": ("create", "jobs.batch"),
    "deployments": ("patch", "deployments.apps"),
    "statefulsets": ("patch", "statefulsets.apps"),
    "cronjobs": ("patch", "cronjobs.batch"),
}
USERS = {
    "neither": ["flows"],
    "newcomer": ["flows"],
    "jobs-only": ["flows", "jobs"],
    "deployments-only": ["flows", "deployments"],
    "both": ["flows", "jobs", "deployments"],
    "statefulsets-too": ["flows", "jobs", "statefulsets"],
    "cronjobs-too": ["flows", "jobs", "cronjobs"],
}
MISSING = {
    "neither": "create jobs.batch",
    "newcomer": "create jobs.batch",
    "jobs-only": "patch deployments.apps",
    "deployments-only": "create jobs.batch",
    "statefulsets-too": "patch deployments.apps",
    "cronjobs-too": "patch deployments.apps",
}


@dataclass(frozen=True)
class Space:
    """A namespace under the policy, and the people in it."""

    kubectl: Kubectl

    @property
    def operator(self) -> str:
        """The user name of the operator that the chart would install here."""
        return f"system:serviceaccount:{self.kubectl.namespace}:{self.kubectl.namespace}-releaseflow"

    def tried(self, document: dict[str, Any], user: str) -> str:
        """What a user is messages who would create an object; empty where that works."""
        return refusal(lambda: self.kubectl.create(document, f"--as={user}", "--dry-run=server"))


def named(document: dict[str, Any], name: str, **metadata: object) -> dict[str, Any]:
    """The object under another name, with more metadata."""
    return {**document, "metadata": {"name": name, **metadata}}


def of_kind(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """The object with a workload of another kind, wherever it names one."""
    spec = document["spec"]
    migration = {**spec["migration"], "workloadRef": {"kind": kind, "name": "worker"}}
    targets = {"targets": [{"kind": kind, "name": "worker"}]} if "targets" in spec else {}
    return {**document, "spec": {**spec, "migration": migration, **targets}}


@pytest.fixture(scope="module")
def space(kubectl: Kubectl, crds: None) -> Iterator[Space]:
    """The module's namespace with its people, once the policy holds there."""
    for right, (verbs, resources) in RIGHTS.items():
        kubectl("create", "role", right, f"--verb={verbs}", f"--resource={resources}")
    for user, right in ((user, right) for user, rights in USERS.items() for right in rights):
        kubectl("create", "rolebinding", f"{user}-{right}", f"--role={right}", f"--user={user}")
    policy = rendered(kubectl.namespace)
    kubectl("apply", "--filename=-", document=policy)
    found = Space(kubectl)
    eventually(lambda: all("may not" in found.tried(FLOW, user) for user in MISSING))
    yield found
    kubectl("delete", "--ignore-not-found", "--filename=-", document=policy)


@pytest.mark.parametrize("document", [FLOW, RUN], ids=["ReleaseFlow", "MigrationRun"])
def test_authors_need_the_rights_that_the_operator_would_use_for_them(space: Space, document: dict[str, Any]) -> None:
    messages = {user: space.tried(document, user) for user in USERS}

    assert messages.pop("both") == ""
    for user, words in messages.items():
        assert f"{user} may not {MISSING[user]} in namespace {space.kubectl.namespace}" in words
        assert f"a {document['kind']} would make the operator do it" in words


@pytest.mark.parametrize("document", [FLOW, RUN], ids=["ReleaseFlow", "MigrationRun"])
def test_authors_need_rights_on_those_kinds_of_workloads_that_they_name(space: Space, document: dict[str, Any]) -> None:
    for kind, resource in (("StatefulSet", "statefulsets.apps"), ("CronJob", "cronjobs.batch")):
        named_by_ref = of_kind(document, kind)

        assert space.tried(named_by_ref, f"{kind.lower()}s-too") == ""
        assert f"both may not patch {resource} in namespace" in space.tried(named_by_ref, "both")


def test_each_kind_that_a_flow_names_counts(space: Space) -> None:
    two = {**FLOW, "spec": {**FLOW["spec"], "targets": [{"name": "a"}, {"kind": "StatefulSet", "name": "a"}]}}

    assert "both may not patch statefulsets.apps in namespace" in space.tried(two, "both")
    assert "statefulsets-too may not patch deployments.apps in namespace" in space.tried(two, "statefulsets-too")

    console = {"workloadRef": {"kind": "StatefulSet", "name": "shop-console"}}
    executed = {**FLOW, "spec": {**FLOW["spec"], "migration": {"tool": "Django", **WAY, "runningContainer": console}}}
    assert "both may not patch statefulsets.apps in namespace" in space.tried(executed, "both")


def test_a_refusal_says_what_helps(space: Space) -> None:
    words = space.tried(FLOW, "newcomer")
    (remedy,) = re.findall(r"Ask somebody who may grant it: kubectl (.*)", words)

    space.kubectl(*shlex.split(remedy.replace("NAME", "editors")))

    eventually(lambda: space.tried(FLOW, "newcomer") == "")


def test_rights_are_asked_for_again_when_the_spec_changes(space: Space) -> None:
    space.kubectl.create(named(FLOW, "changed"), "--as=both")
    change = ("patch", "releaseflow", "changed", "--type=merge", OTHER_IMAGE)

    assert "(Forbidden)" in refusal(lambda: space.kubectl(*change, "--as=neither"))
    assert "(Forbidden)" in refusal(lambda: space.kubectl(*change, "--as=jobs-only"))
    assert refusal(lambda: space.kubectl(*change, "--as=both")) == ""


def test_who_may_only_write_flows_may_still_give_commands(space: Space) -> None:
    space.kubectl.create(named(FLOW, "commanded"), "--as=both")

    space.kubectl("annotate", "releaseflow", "commanded", "releaseflow.dev/approve=run-1", "--as=neither")
    space.kubectl("delete", "releaseflow", "commanded", "--as=neither")


def test_the_operator_is_not_in_its_own_way(space: Space) -> None:
    held = named(RUN, "held", finalizers=["releaseflow.dev/outcome"])

    space.kubectl.create(held, f"--as={space.operator}")
    space.kubectl("patch", "migrationrun", "held", "--type=merge", NO_FINALIZER, f"--as={space.operator}")
    space.kubectl("delete", "migrationrun", "held", f"--as={space.operator}")


def test_the_garbage_collector_is_not_kept_out(space: Space) -> None:
    owner = space.kubectl.create(named(FLOW, "owner"), "--as=both")
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": "owner"}
    reference["uid"] = owner["metadata"]["uid"]
    space.kubectl.create(named(RUN, "owned", ownerReferences=[reference]), "--as=both")

    space.kubectl("delete", "releaseflow", "owner", "--cascade=foreground", "--timeout=30s")

    # The owner waits for those only that the collector knows of already: a run that is new may go a moment later.
    space.kubectl("wait", "--for=delete", "migrationrun/owned", "--timeout=30s")

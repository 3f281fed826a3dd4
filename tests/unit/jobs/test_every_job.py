"""What holds for the Job of every step, whatever a user and a workload say."""

import json
import re
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings

from releaseflow.api.v1alpha1.metadata import ATTEMPT, FINALIZER, TEMPLATE_HASH
from releaseflow.api.v1alpha1.pods import PodOptions
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.hook_ends import hook_image
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.job import job, template_hash
from tests.unit.jobs.restricted import violations
from tests.unit.jobs.shapes import inputs

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that others keep busy is slow, which is no fault of the code."""

OURS = {
    "releaseflow.dev/managed",
    "releaseflow.dev/flow-uid",
    "releaseflow.dev/run-uid",
    "releaseflow.dev/run",
    "releaseflow.dev/step",
}
APPLICATION = {"check", "migrate", "hook"}


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    spec = manifest["spec"]["template"]["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def env(container: dict[str, Any]) -> dict[str, Any]:
    names = [variable["name"] for variable in container.get("env", [])]
    assert len(set(names)) == len(names)
    return {v["name"]: {k: x for k, x in v.items() if k != "name"} for v in container.get("env", [])}


@ANY_MACHINE
@given(inputs())
def test_it_passes_pod_security_restricted_where_the_workload_does(known: JobInputs) -> None:
    workload = known.pod_template["spec"]
    user = {**workload["securityContext"], **workload["containers"][0].get("securityContext", {})}
    may_be_root = frozenset() if user.get("runAsNonRoot") else frozenset(APPLICATION)
    assert list(violations(job(known, "h")["spec"]["template"], may_be_root)) == []


@ANY_MACHINE
@given(inputs())
def test_it_never_runs_twice_by_itself_and_always_ends(known: JobInputs) -> None:
    spec = job(known, "h")["spec"]
    assert (spec["backoffLimit"], spec["completions"], spec["parallelism"]) == (0, 1, 1)
    assert spec["podReplacementPolicy"] == "Failed"
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert spec["template"]["spec"]["shareProcessNamespace"] is True


@ANY_MACHINE
@given(inputs())
def test_its_labels_and_annotations_are_ours_alone(known: JobInputs) -> None:
    manifest = job(known, "h")
    for metadata in (manifest["metadata"], manifest["spec"]["template"]["metadata"]):
        assert metadata["labels"].keys() <= OURS
        assert all(
            re.fullmatch(r"[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?", v) for v in metadata["labels"].values()
        )
    assert manifest["metadata"]["annotations"] == {TEMPLATE_HASH: "h", ATTEMPT: str(known.attempt)}
    assert "annotations" not in manifest["spec"]["template"]["metadata"]
    assert len(manifest["metadata"]["name"]) <= 63


@ANY_MACHINE
@given(inputs())
def test_no_owner_leads_to_a_migration_and_the_run_owns_the_others(known: JobInputs) -> None:
    manifest = job(known, "h")
    if known.step is StepType.MIGRATE:
        assert "ownerReferences" not in manifest["metadata"]
        assert (
            manifest["metadata"]["finalizers"] == manifest["spec"]["template"]["metadata"]["finalizers"] == [FINALIZER]
        )
        assert manifest["spec"]["suspend"] is True
    else:
        [owner] = manifest["metadata"]["ownerReferences"]
        assert (owner["uid"], owner["controller"], owner["blockOwnerDeletion"]) == (known.run_uid, True, False)
        assert "finalizers" not in manifest["metadata"]
        assert manifest["spec"].get("suspend", False) is (known.step is StepType.HOOK)


@ANY_MACHINE
@given(inputs())
def test_no_token_is_mounted_unless_an_account_is_named(known: JobInputs) -> None:
    manifest = job(known, "h")
    pod = manifest["spec"]["template"]["spec"]
    of_ours = known.step in {StepType.BACKUP, StepType.REPORT}
    options: PodOptions = known.spec.database.client if of_ours else known.spec.migration
    options = options if known.hook is ABSENT else known.hook
    assert pod["automountServiceAccountToken"] is (options.service_account_name is not None)
    assert "serviceAccountToken" not in json.dumps(pod.get("volumes", []))
    assert pod["enableServiceLinks"] is False


@ANY_MACHINE
@given(inputs())
def test_the_url_and_the_name_of_the_session_are_ours_in_every_container_that_needs_them(known: JobInputs) -> None:
    for container in containers(job(known, "h")):
        variables = env(container)
        url = "DATABASE_URL" if container["name"] in APPLICATION else "RELEASEFLOW_DATABASE_URL"
        assert variables[url] == {"valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}
        assert variables["PGAPPNAME"]["value"].startswith("releaseflow-")
        assert len(variables["PGAPPNAME"]["value"]) <= 63


@ANY_MACHINE
@given(inputs())
def test_what_a_user_sets_wins_over_what_is_inherited(known: JobInputs) -> None:
    options = known.spec.migration if known.hook is ABSENT else known.hook
    given_names = {v.name: v.value for v in options.env}
    for container in containers(job(known, "h")):
        if container["name"] in APPLICATION:
            variables = env(container)
            assert all(variables[name] == {"value": value or ""} for name, value in given_names.items())


@ANY_MACHINE
@given(inputs())
def test_every_mount_has_its_volume_and_nothing_of_the_node_is_mounted(known: JobInputs) -> None:
    manifest = job(known, "h")
    volumes = manifest["spec"]["template"]["spec"].get("volumes", [])
    names = [volume["name"] for volume in volumes]
    assert len(set(names)) == len(names)
    for container in containers(manifest):
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= set(names)
        assert all("mountPropagation" not in mount for mount in container.get("volumeMounts", []))
    claims = {v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v}
    assert claims <= ({"backups"} if known.step is StepType.BACKUP else {"shared"})


@ANY_MACHINE
@given(inputs())
def test_no_resource_but_the_common_ones_is_asked_for(known: JobInputs) -> None:
    for container in containers(job(known, "h")):
        for amounts in container.get("resources", {}).values():
            assert amounts.keys() <= {"cpu", "memory", "ephemeral-storage"}


@ANY_MACHINE
@given(inputs())
def test_the_image_is_the_released_one_where_the_application_runs_and_a_client_elsewhere(known: JobInputs) -> None:
    for container in containers(job(known, "h")):
        client = known.spec.database.client.image or "postgres:18"
        application = "shop:2" if known.hook is ABSENT else hook_image(known.hook, "shop:2")
        assert container["image"] == (application if container["name"] in APPLICATION else client)


@ANY_MACHINE
@given(inputs())
def test_the_kubelet_hands_the_settings_of_our_program_on_as_they_are(known: JobInputs) -> None:
    """Kubernetes expands $(NAME) in values: no variable of a user may change a setting."""
    for container in containers(job(known, "h")):
        if container["name"] in APPLICATION:
            continue
        for variable in container["env"]:
            value = variable.get("value", "")
            if variable["name"].startswith("RELEASEFLOW_"):
                everything = dict.fromkeys(re.findall(r"\$\(([^)]*)\)", value), "EVIL")
                assert "EVIL" not in expanded(value, everything)


@ANY_MACHINE
@given(inputs())
def test_the_hash_is_that_of_the_pod_template_alone(known: JobInputs) -> None:
    assert template_hash(known) == template_hash(known)
    assert re.fullmatch(r"[0-9a-f]{16}", template_hash(known))
    assert json.loads(json.dumps(job(known, "h"))) == job(known, "h")


def expanded(text: str, variables: dict[str, str]) -> str:
    """Expand as the kubelet does: `$$` is a dollar sign, `$(NAME)` a variable where there is one of that name."""
    found, at = [], 0
    for match in re.finditer(r"\$\$|\$\(([^)]*)\)", text):
        found.append(text[at : match.start()])
        found.append("$" if match[0] == "$$" else variables.get(match[1], match[0]))
        at = match.end()
    return "".join([*found, text[at:]])


def test_the_expansion_of_this_test_is_that_of_kubernetes() -> None:
    vectors = [
        "$(A)",
        "v",
        "$$(A)",
        "$(A)",
        "$$$(A)",
        "$v",
        "$(B)",
        "$(B)",
        "$",
        "$",
        "$(A",
        "$(A",
        "$$",
        "$",
        "a$b",
        "a$b",
    ]
    for text, meant in list(pairwise(vectors))[::2]:
        assert expanded(text, {"A": "v"}) == meant

"""Writes that are out of the ordinary, and what the API server says to them."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import BYPASS, GATE_LABEL, HELD
from tests.unit.chart.gate.api import JSON, MERGE_PATCH, OPERATOR, PERSON, Answer, Api
from tests.unit.chart.gate.deployments import LATER, NEXT, held, is_held, is_untouched, manifest, serving

ADMINISTRATOR = "administrator"
CONTROLLERS = "system:serviceaccount:kube-system:deployment-controller"
OTHERS = "system:serviceaccount:releaseflow-system:releaseflow-other"


@pytest.mark.parametrize("user", [PERSON, ADMINISTRATOR, CONTROLLERS, OTHERS])
def test_a_first_install_is_held_whoever_makes_it(api: Api, user: str) -> None:
    answer = api.create(manifest(f"first-{user.rpartition(':')[2]}"), user)

    assert is_held(answer.said)


def test_the_operator_makes_what_it_wants(api: Api) -> None:
    assert is_untouched(api.create(manifest("of-the-operator"), OPERATOR, dry_run=True).said)


@pytest.mark.parametrize(
    "metadata",
    [
        {"generateName": "shop-"},
        {"name": "shop", "annotations": {"example.test/note": "a"}},
        {"name": "shop", "annotations": {HELD: "false"}},
        {"name": "shop", "annotations": {HELD: "true"}},
        {"name": "shop", "annotations": {BYPASS: LATER}},
    ],
    ids=str,
)
@pytest.mark.parametrize("paused", [True, False])
def test_a_first_install_is_held_however_it_is_written(api: Api, metadata: dict[str, Any], *, paused: bool) -> None:
    wanted = manifest("shop")
    wanted["metadata"] = {**metadata, "labels": wanted["metadata"]["labels"]}
    wanted["spec"]["paused"] = paused

    answer = api.create(wanted, dry_run=True)

    assert answer.taken, answer.message
    assert is_held(answer.said)
    assert BYPASS not in answer.said["metadata"]["annotations"]


def test_without_the_label_nothing_is_held(api: Api) -> None:
    wanted = manifest("free")
    del wanted["metadata"]["labels"]
    assert is_untouched(api.create(wanted).said)

    labelled = api.patch("free", {"metadata": {"labels": {GATE_LABEL: "shop"}}})
    assert is_untouched(labelled.said)


def test_the_label_and_an_image_at_once_are_held(api: Api) -> None:
    wanted = manifest("joining")
    del wanted["metadata"]["labels"]
    assert api.create(wanted).taken

    answer = api.put(manifest("joining", NEXT))

    assert is_held(answer.said)


def test_other_namespaces_are_left_alone(elsewhere: Api) -> None:
    assert is_untouched(elsewhere.create(manifest("shop"), dry_run=True).said)


@pytest.mark.parametrize("kind", ["PUT", "PATCH"])
def test_scale_is_a_resource_of_its_own(api: Api, kind: str) -> None:
    deployment = held(api)
    scale: dict[str, Any] = {"spec": {"replicas": 3}}
    if kind == "PUT":
        scale |= {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": deployment.name, "namespace": "team"},
        }

    path = f"{api.path}/{deployment.name}/scale"
    answer = api.call(kind, path, scale, JSON if kind == "PUT" else MERGE_PATCH)

    assert answer.taken, answer.message
    assert deployment.live["spec"]["replicas"] == 3
    assert is_held(deployment.live)


@pytest.mark.parametrize("metadata", [{"annotations": {HELD: None}}, {"annotations": None}], ids=str)
def test_the_mark_is_not_removed_by_the_status(api: Api, metadata: dict[str, Any]) -> None:
    deployment = held(api)

    answer = to_status(api, deployment.name, {"metadata": metadata, "spec": {"paused": False}})

    assert "is held by ReleaseFlow" in answer.message
    assert is_held(deployment.live)


def test_the_status_itself_is_written_while_it_is_held(api: Api) -> None:
    deployment = held(api)
    condition = {"type": "Progressing", "status": "Unknown", "reason": "Test"}

    answer = to_status(api, deployment.name, {"status": {"conditions": [condition]}, "spec": {"paused": False}})

    assert answer.taken, answer.message
    assert is_held(deployment.live)


def to_status(api: Api, name: str, body: dict[str, Any]) -> Answer:
    """Write by the way of controllers, which changes the status, and annotations as well."""
    return api.call("PATCH", f"{api.path}/{name}/status", body, MERGE_PATCH)


@pytest.mark.parametrize("containers", [None, [], [{"name": "web"}], [{"image": "shop"}]], ids=str)
def test_what_is_wrong_is_said_by_the_api_server(api: Api, containers: object) -> None:
    wanted = manifest("wrong")
    wanted["spec"]["template"]["spec"] = {"containers": containers}

    answer = api.create(wanted)

    assert "Required value" in answer.message
    assert "releaseflow" not in answer.message


def test_a_variable_that_is_there_twice_is_no_hindrance(api: Api) -> None:
    wanted = manifest("twice")
    wanted["spec"]["template"]["spec"]["containers"][0]["env"] *= 2

    assert is_held(api.create(wanted).said)
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = NEXT
    assert is_held(api.put(wanted).said)


def test_large_deployments_are_judged(api: Api) -> None:
    wanted = manifest("large")
    env = [{"name": f"VARIABLE_{number}", "value": "x" * 40} for number in range(50)]
    wanted["spec"]["template"]["spec"]["containers"] = [
        {"name": f"c-{number}", "image": NEXT, "env": env} for number in range(50)
    ]
    wanted["metadata"]["annotations"] = {f"example.test/{number}": "x" * 100 for number in range(200)}

    assert is_held(api.create(wanted).said)
    assert "is held by ReleaseFlow" in api.patch("large", {"spec": {"paused": False}}).message


def test_a_refusal_is_a_sentence_whatever_the_names_are(api: Api) -> None:
    name = "x" * 63
    wanted = manifest(name, "shop; rm -rf $HOME")
    wanted["metadata"]["labels"][GATE_LABEL] = "f" * 63
    wanted["spec"]["template"]["spec"]["containers"] = wanted["spec"]["template"]["spec"]["containers"][:1]
    assert is_held(api.create(wanted).said)

    message = api.patch(name, {"spec": {"paused": False}}).message

    assert f"Deployment {name} is held by ReleaseFlow {'f' * 63}" in message
    assert "releaseflow.dev/bypass=IMAGE, then" in message
    assert "rm -rf" not in message


def test_a_long_image_is_no_part_of_a_refusal(api: Api) -> None:
    wanted = manifest("long", "ghcr.io/" + "x" * 5000)
    assert is_held(api.create(wanted).said)

    message = api.patch("long", {"spec": {"paused": False}}).message

    assert "Deployment long is held by ReleaseFlow shop" in message
    assert len(message) < 1000


def test_a_mark_without_a_pause_holds_nothing(api: Api) -> None:
    deployment = serving(api)

    assert api.patch(deployment.name, {"metadata": {"annotations": {HELD: "true"}}}).taken

    assert not is_held(deployment.live)
    assert api.patch(deployment.name, {"metadata": {"annotations": {HELD: None}}}).taken

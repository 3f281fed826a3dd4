"""The way past the gate in an emergency: for the image that it names, and for no other."""

import pytest

from releaseflow.api.v1alpha1.metadata import BYPASS, HELD
from tests.unit.chart.gate import changes
from tests.unit.chart.gate.api import Api
from tests.unit.chart.gate.changes import Change
from tests.unit.chart.gate.clients import APPLIERS, CLIENTS, EDITORS, Client, made
from tests.unit.chart.gate.deployments import (
    LATER,
    NEXT,
    SERVING,
    SIDECAR,
    Deployment,
    held,
    is_held,
    manifest,
    serving,
)
from tests.unit.chart.rendering import Manifest

FREE = [client for client in CLIENTS if client in (*EDITORS, *APPLIERS)]


def bypassing(image: str, *others: Change) -> Change:
    """Return a change that writes the annotation, beside others."""

    def change(manifest: Manifest) -> None:
        manifest["metadata"].setdefault("annotations", {})[BYPASS] = image
        for other in others:
            other(manifest)

    return change


def bypass(deployment: Deployment) -> str | None:
    found = deployment.live["metadata"].get("annotations", {}).get(BYPASS)
    return None if found is None else str(found)


def is_paused(deployment: Deployment) -> bool:
    return bool(deployment.live["spec"].get("paused"))


def by_name(client: Client) -> str:
    return client.__name__


def does(deployment: Deployment, client: Client, change: Change) -> None:
    answer = made(client, deployment, change)
    assert answer.taken, answer.message


def marked(deployment: Deployment, image: str) -> None:
    """Write the annotation alone, as a person does."""
    does(deployment, EDITORS[1], bypassing(image))


@pytest.mark.parametrize("client", CLIENTS, ids=by_name)
def test_an_image_with_its_bypass_serves_at_once(api: Api, client: Client) -> None:
    deployment = serving(api)

    does(deployment, client, bypassing(LATER, changes.image))

    assert not is_paused(deployment)


@pytest.mark.parametrize("client", EDITORS, ids=by_name)
def test_a_bypass_may_be_written_before_the_image_comes(api: Api, client: Client) -> None:
    deployment = serving(api)
    marked(deployment, LATER)

    does(deployment, client, changes.image)

    assert not is_paused(deployment)


@pytest.mark.parametrize("image", [NEXT, SIDECAR])
@pytest.mark.parametrize("client", EDITORS, ids=by_name)
def test_what_is_held_may_be_resumed_after_its_bypass(api: Api, client: Client, image: str) -> None:
    deployment = held(api)
    marked(deployment, image)
    assert is_held(deployment.live)

    does(deployment, client, changes.pause_taken_away)

    assert not is_paused(deployment)


@pytest.mark.parametrize("change", [changes.both_taken_away, changes.label_taken_away], ids=lambda one: one.__name__)
def test_whatever_else_is_done_with_a_bypass_is_not_refused(api: Api, change: Change) -> None:
    deployment = held(api)

    does(deployment, EDITORS[0], bypassing(NEXT, change))

    assert change is changes.label_taken_away or not is_held(deployment.live)
    assert change is changes.both_taken_away or "labels" not in deployment.live["metadata"]


@pytest.mark.parametrize("image", [LATER, SERVING, "", "*"])
@pytest.mark.parametrize("client", EDITORS, ids=by_name)
def test_a_bypass_of_another_image_does_nothing(api: Api, client: Client, image: str) -> None:
    deployment = held(api)
    marked(deployment, image)

    answer = made(client, deployment, changes.pause_taken_away)

    assert "is held by ReleaseFlow shop" in answer.message
    assert is_held(deployment.live)


@pytest.mark.parametrize("image", [SERVING, SIDECAR, NEXT])
@pytest.mark.parametrize("client", CLIENTS, ids=by_name)
def test_one_that_was_forgotten_ends_with_the_next_image(api: Api, client: Client, image: str) -> None:
    deployment = serving(api)
    marked(deployment, image)

    does(deployment, client, changes.image)

    assert is_held(deployment.live)
    assert bypass(deployment) is None


def test_one_in_git_is_for_its_image(api: Api) -> None:
    deployment = serving(api)
    client = APPLIERS[0]
    does(deployment, client, bypassing(NEXT, changes.image))
    assert is_held(deployment.live)

    does(deployment, client, bypassing(NEXT, changes.image))

    assert is_held(deployment.live)
    assert HELD in deployment.live["metadata"]["annotations"]


def test_a_new_deployment_with_its_bypass_serves_at_once(api: Api) -> None:
    wanted = manifest("new-with-bypass")
    bypassing(SERVING)(wanted)

    answer = api.create(wanted)

    assert answer.taken, answer.message
    assert "paused" not in answer.said["spec"]

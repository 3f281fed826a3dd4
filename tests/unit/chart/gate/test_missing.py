"""One of the policies is gone: the other one lets nothing new serve, or everything is as it was without them."""

from collections.abc import Iterator

import pytest

from tests.unit.chart.gate.api import Api
from tests.unit.chart.gate.changes import image
from tests.unit.chart.gate.clients import EDITORS, made
from tests.unit.chart.gate.deployments import Deployment, held, is_held, serving
from tests.unit.chart.gate.policies import Policies, eventually

MISSING = "brings an image that ReleaseFlow shop has not let through, and the policy that would hold it is missing"


@pytest.fixture
def whole(policies: Policies) -> Iterator[Policies]:
    """The policies; what a test takes away of them is there again afterwards."""
    yield policies
    policies.install()


@pytest.fixture(params=["mutatingadmissionpolicybinding", "mutatingadmissionpolicy"])
def alone(request: pytest.FixtureRequest, api: Api, whole: Policies) -> tuple[Deployment, Deployment]:
    """Return one that serves and one that is held, where nothing holds new images any more."""
    before = serving(api), held(api)
    whole.remove(request.param)
    eventually(lambda: MISSING in whole.probed().message)
    return before


def test_without_what_holds_them_new_images_are_refused(alone: tuple[Deployment, Deployment]) -> None:
    serves, waits = alone

    for client in EDITORS:
        assert MISSING in made(client, serves, image).message
        assert made(client, serves, lambda manifest: manifest["metadata"]["labels"].update({"a": "b"})).taken
        assert made(client, waits, image).taken
        assert "is held by" in made(client, waits, lambda manifest: manifest["spec"].update({"paused": False})).message
        assert is_held(waits.live)


def test_a_manifest_that_would_resume_it_is_refused(alone: tuple[Deployment, Deployment]) -> None:
    _, waits = alone

    assert "is held by" in waits.api.put(waits.git).message
    assert is_held(waits.live)


def test_without_what_refuses_new_images_are_held_all_the_same(api: Api, whole: Policies) -> None:
    serves, waits = serving(api), held(api)
    whole.remove("validatingadmissionpolicybinding")
    eventually(lambda: whole.resumed(waits.name).taken)

    for client in EDITORS:
        assert made(client, serves, image).taken
        assert is_held(serves.live)

"""A write to a workload is a move of images only where it says nothing but images."""

import json
from typing import Any

import pytest

from tests.faults.oracles.classify import classify
from tests.faults.proxy.request import ProxiedRequest

PATH = "/apis/apps/v1/namespaces/shop/deployments/shop"
WEB = {"name": "web", "image": "shop:v2"}
ASSETS = {"name": "assets", "image": "shop:v2"}


def shape(**spec: Any) -> str | None:
    body = {"metadata": {"name": "shop", "uid": "u", "resourceVersion": "1"}, "spec": {"template": {"spec": spec}}}
    return classify(ProxiedRequest("PATCH", PATH, {}, json.dumps(body).encode(), "application/apply-patch+yaml", PATH))


@pytest.mark.parametrize(
    "spec",
    [{"containers": [WEB]}, {"containers": [WEB], "initContainers": [ASSETS]}, {"initContainers": [ASSETS]}],
)
def test_images_of_containers_and_init_containers_are_set(spec: dict[str, Any]) -> None:
    assert shape(**spec) == "set image"


def resume(spec: Any, annotations: dict[str, Any]) -> str | None:
    metadata = {"name": "shop", "uid": "u", "resourceVersion": "1", "annotations": annotations}
    body = json.dumps({"metadata": metadata, "spec": spec}).encode()
    return classify(ProxiedRequest("PATCH", PATH, {}, body, "application/merge-patch+json", PATH))


def test_a_held_target_is_resumed_with_its_mark_and_with_nothing_else() -> None:
    held = "releaseflow.dev/held"
    assert resume({"paused": None}, {held: None}) == "resume"
    assert resume({"paused": None}, {held: "true"}) is None
    assert resume({"paused": None}, {held: None, "team": "blue"}) is None
    assert resume({"paused": None, "replicas": 0}, {held: None}) is None


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [{**WEB, "command": ["sh"]}]},
        {"containers": [WEB], "initContainers": [{**ASSETS, "command": ["sh"]}]},
        {"containers": [WEB], "serviceAccountName": "admin"},
        {},
    ],
)
def test_a_write_that_says_more_or_nothing_is_no_move_of_images(spec: dict[str, Any]) -> None:
    assert shape(**spec) is None

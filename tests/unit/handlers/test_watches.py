"""What is registered with kopf: a handler for each kind that is watched, labels selected by the API server."""

from collections.abc import Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, cast

import kopf
import pytest

from releaseflow.cache.cache import Cache
from releaseflow.cache.informer import Informer
from releaseflow.handlers.watches import Memo, configure, handle_workloads, on_event
from releaseflow.kube.resources import WATCHED, Resource

FLOW = {"metadata": {"name": "shop", "namespace": "shop", "uid": "uid-1", "resourceVersion": "5"}}


@pytest.fixture
def informer() -> Informer:
    return Informer(Cache())


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Let no other test see what is registered here."""
    kept = kopf.get_default_registry()
    kopf.set_default_registry(deepcopy(kept))
    yield
    kopf.set_default_registry(kept)


def registered() -> dict[Resource, tuple[object, ...]]:
    handlers = kopf.get_default_registry()._watching.get_all_handlers()
    selectors = {cast("Resource", handler.param): handler.selector for handler in handlers}
    return {kind: (s.group, s.version, s.any_name) for kind, s in selectors.items() if s is not None}


def test_each_kind_that_is_watched_has_a_handler() -> None:
    handle_workloads()
    assert registered() == {kind: (kind.group, kind.version, kind.plural) for kind in WATCHED}


def test_a_kind_that_the_cluster_does_not_serve_has_none() -> None:
    rollouts = Resource.of_workload("Rollout")
    handle_workloads({rollouts})
    assert set(registered()) == {*WATCHED} - {rollouts}


async def test_labels_are_selected_by_the_api_server() -> None:
    settings = kopf.OperatorSettings()
    await cast("Any", configure)(settings=settings)
    served = {kind: kopf.Resource(kind.group, kind.version, kind.plural) for kind in WATCHED}
    selected = {kind: set(settings.watching.label_selectors.collect(resource)) for kind, resource in served.items()}
    assert selected == {kind: {kind.selector} - {""} for kind in WATCHED}


async def test_an_event_changes_the_cache(informer: Informer) -> None:
    handle, memo = cast("Any", on_event), Memo(cast("Any", SimpleNamespace(informer=informer)))
    for type_, cached in (("ADDED", FLOW), ("DELETED", None)):
        await handle(event={"type": type_, "object": FLOW}, memo=memo, param=Resource.FLOW)
        assert informer.cache.get(Resource.FLOW, "shop", "shop") == cached

"""Every write for a flow names the object that was decided on, and is refused by any other."""

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.flow.act import act_for_flow
from releaseflow.controllers.parse_objects import ParsedFlow, parse_flow
from releaseflow.core.flow.actions import (
    CreateRun,
    DeleteRun,
    FenceTarget,
    FlowAction,
    ResumeTarget,
    SetImage,
    StartTarget,
)
from releaseflow.core.flow.facts import Fence
from releaseflow.kube.errors import ConflictError
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

FENCE = Fence("shop", objects.FLOW_UID, 3)


def flow() -> ParsedFlow:
    found = parse_flow(objects.flow())
    assert isinstance(found, ParsedFlow)
    return found


async def flow_acts(api: FakeClient, action: FlowAction) -> None:
    cache = Cache()
    for (kind, _), raw in api.objects.items():
        cache.upsert(kind, raw)
    await act_for_flow(Reader(api.as_kube(), cache), Writer(api.as_kube(), cache), flow(), action)


async def test_the_fence_and_the_label_go_onto_the_very_target_that_was_seen() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12))

    await flow_acts(api, FenceTarget("Deployment", "shop", objects.TARGET_UID, "12", FENCE))

    written = api.bodies[0]["metadata"]
    assert (written["uid"], written["resourceVersion"]) == (objects.TARGET_UID, "12")
    assert written["annotations"] == {"releaseflow.dev/fence": f"shop/{objects.FLOW_UID}/3"}
    assert written["labels"] == {"releaseflow.dev/managed": "true"}


@pytest.mark.parametrize(
    "action",
    [
        FenceTarget("Deployment", "shop", objects.TARGET_UID, "11", FENCE),
        SetImage("Deployment", "shop", objects.TARGET_UID, "11", (("web", "shop:v2"),)),
        SetImage("Deployment", "shop", "another", "12", (("web", "shop:v2"),)),
        ResumeTarget("Deployment", "shop", objects.TARGET_UID, "11", "true"),
        ResumeTarget("Deployment", "shop", "another", "12", "true"),
    ],
)
async def test_a_target_that_has_changed_is_left_alone(action: FlowAction) -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12))

    with pytest.raises(ConflictError):
        await flow_acts(api, action)


async def test_an_image_is_applied_with_name_and_image_only() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12))
    images = (("web", "shop:v2"), ("worker", "shop:v2"))

    await flow_acts(api, SetImage("Deployment", "shop", objects.TARGET_UID, "12", images))

    assert api.writes == [(Verb.APPLY, DEPLOYMENT, "shop")]
    containers = [{"name": "web", "image": "shop:v2"}, {"name": "worker", "image": "shop:v2"}]
    assert api.bodies[0]["spec"] == {"template": {"spec": {"containers": containers}}}


async def test_images_of_init_containers_are_applied_in_the_same_write() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12))
    images = (("web", "shop:v2"),)
    action = SetImage("Deployment", "shop", objects.TARGET_UID, "12", images, init_images=(("assets", "shop:v2"),))

    await flow_acts(api, action)

    parts = {"containers": [{"name": "web", "image": "shop:v2"}]}
    parts |= {"initContainers": [{"name": "assets", "image": "shop:v2"}]}
    assert [body["spec"] for body in api.bodies] == [{"template": {"spec": parts}}]


async def test_pods_are_restarted_by_an_annotation_of_their_template() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12))
    action = SetImage("Deployment", "shop", objects.TARGET_UID, "12", (("web", "shop:v2"),), restart_for=4)

    await flow_acts(api, action)

    template = api.bodies[0]["spec"]["template"]
    assert template["metadata"] == {"annotations": {"releaseflow.dev/restarted-for": "4"}}


async def test_a_held_target_goes_on_by_a_patch_of_its_pause_and_the_mark_of_the_policy() -> None:
    held = objects.deployment(version=12, paused=True)
    held["metadata"]["annotations"] = {"releaseflow.dev/held": "true", "other": "stays"}
    api = FakeClient().having(DEPLOYMENT, held)

    await flow_acts(api, ResumeTarget("Deployment", "shop", objects.TARGET_UID, "12", "true"))

    assert api.writes == [(Verb.MERGE_PATCH, DEPLOYMENT, "shop")]
    [body] = api.bodies
    assert body["spec"] == {"paused": None}
    assert body["metadata"]["annotations"] == {"releaseflow.dev/held": None}


async def test_image_and_migration_are_applied_by_one_write() -> None:
    target = objects.deployment(version=12, labels={"releaseflow.dev/managed": "true"})
    started = objects.run(migration={"tool": "Django", "runIn": "Startup"})
    api = FakeClient().having(DEPLOYMENT, target).having(Resource.RUN, started)
    at = ("Deployment", "shop", objects.TARGET_UID, "12")

    await flow_acts(api, StartTarget(*at, (("web", "shop:v2"),), run="shop-1-aa"))

    assert api.writes == [(Verb.APPLY, DEPLOYMENT, "shop")]
    template = api.bodies[0]["spec"]["template"]
    assert template["metadata"] == {"annotations": {"releaseflow.dev/migrates-for": "shop-1-aa"}}
    assert template["spec"]["containers"] == [{"name": "web", "image": "shop:v2"}]
    [ours] = template["spec"]["initContainers"]
    assert (ours["name"], ours["image"]) == ("releaseflow-migrate", "shop:v2")


async def test_nothing_is_applied_for_a_run_that_is_gone() -> None:
    api = FakeClient().having(DEPLOYMENT, objects.deployment(version=12, labels={"releaseflow.dev/managed": "true"}))
    at = ("Deployment", "shop", objects.TARGET_UID, "12")

    await flow_acts(api, StartTarget(*at, (("web", "shop:v2"),), run="shop-1-aa"))

    assert not api.writes


async def test_a_run_is_born_held_labelled_and_owned() -> None:
    api = FakeClient()
    spec = MigrationRunSpec.model_validate(objects.run()["spec"])

    await flow_acts(api, CreateRun("shop-1-aa", spec))

    made = api.bodies[0]
    assert made["metadata"]["finalizers"] == ["releaseflow.dev/outcome"]
    assert made["metadata"]["labels"]["releaseflow.dev/flow-uid"] == objects.FLOW_UID
    assert [owner["uid"] for owner in made["metadata"]["ownerReferences"]] == [objects.FLOW_UID]
    assert MigrationRunSpec.model_validate(made["spec"]) == spec


async def test_an_old_run_is_deleted_only_as_it_was_seen() -> None:
    api = FakeClient().having(Resource.RUN, objects.run(version=12))

    with pytest.raises(ConflictError):
        await flow_acts(api, DeleteRun("shop-1-aa", objects.RUN_UID, "11"))
    await flow_acts(api, DeleteRun("shop-1-aa", objects.RUN_UID, "12"))

    assert "deletionTimestamp" in api.objects[Resource.RUN, "shop-1-aa"]["metadata"]

"""A kind of workload that the project does not know: one more file in the folder, and everything else follows."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.product_copy import answered, product_copy

KIND = '''
"""Dummy: its pods sleep until somebody wakes them."""

from releaseflow.unstructured import get_bool, name_of, namespace_of
from releaseflow.workloads.workload import Rollout, RolloutSeen, Workload


class Dummy(Workload):
    kind = "Dummy"
    plural = "dummies"
    api_version = "example.test/v7"
    template = ("spec", "podTemplate")
    complete = "It is awake."
    fails = "Never."
    pauses = "that sleeps"

    def rollout(self, raw):
        if get_bool(raw, "status", "awake"):
            return RolloutSeen(Rollout.COMPLETE)
        return RolloutSeen(Rollout.PAUSED, "sleeps", f"Wake it: kubectl wake {name_of(raw)} -n {namespace_of(raw)}")

    def follow(self, namespace, name):
        return f"kubectl example wait dummy {name} -n {namespace}"


WORKLOAD = Dummy()
'''
ASKED = """
import json
import kopf
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.facts import ABSENT
from releaseflow.api.v1alpha1.target import TargetStatus
from releaseflow.cache.cache import Cache
from releaseflow.controllers.flow.act import _images
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.parse_targets import target_facts
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.flow.hints import paused_message
from releaseflow.core.flow.targets import targets_are_found
from releaseflow.handlers import watches
from releaseflow.kube.resources import WATCHED, Resource
from releaseflow.workloads.registry import WORKLOADS
from tests.support import builders, objects
from tests.unit.jobs.test_steps import facts, pod
from tools.crds import crd_files
from tools.reference import reference_files
from tools.workload_kinds import chart_file

dummies = Resource.of_workload("Dummy")
raw = {
    "metadata": objects.metadata("shop", "uid", labels={"releaseflow.dev/managed": "true"}),
    "spec": {"podTemplate": {"spec": {"containers": [{"name": "web", "image": "shop:v1"}]}}},
}
cache = Cache()
cache.upsert(Resource.FLOW, objects.flow(targets=[{"kind": "Dummy", "name": "shop"}]))
cache.upsert(dummies, raw)
watches.handle_workloads()
handlers = kopf.get_default_registry()._watching.get_all_selectors()
seen = target_facts(WORKLOADS["Dummy"], raw)
flow = builders.flow(spec=builders.flow_spec(targets=[{"kind": "Dummy", "name": "shop"}]), targets=(ABSENT,),
    status=ReleaseFlowStatus(targets=(TargetStatus(kind="Dummy", name="shop"),)))
print(json.dumps({
    "crds": list(crd_files().values()),
    "pages": {path.name: text for path, text in reference_files().items()},
    "chart": chart_file(),
    "watched": [dummies in WATCHED, dummies.selector, dummies.path("shop", "one")],
    "handlers": [[selector.group, selector.version, selector.any_name] for selector in handlers],
    "kept": cache.get(dummies, "shop", "shop") is not None,
    "concerned": [key.name for key in requests_for(cache, dummies, raw)],
    "images": [list(pair) for pair in seen.images],
    "patch": _images(SetImage("Dummy", "shop", "uid", "1", (("web", "shop:v2"),), 3)),
    "paused": paused_message(seen),
    "missing": targets_are_found(flow).verdict.message,
}))
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is made of a copy of the product that has one file more."""
    return answered(product_copy(tmp_path_factory.mktemp("source"), {"workloads/dummy.py": KIND}), ASKED)


def test_the_crds_know_its_name(followed: Mapping[str, Any]) -> None:
    assert [crd.count("- Dummy\n") for crd in followed["crds"]] == [4, 2], "workloadRefs, targets, and kinds to choose"


def test_the_reference_has_its_section_and_the_table_of_reasons_its_pause(followed: Mapping[str, Any]) -> None:
    pages = followed["pages"]
    assert "| [Dummy](#dummy) | `dummies.example.test` | get, list, watch, patch | patch |" in pages["workloads.md"]
    assert "- Pod template: `spec.podTemplate`." in pages["workloads.md"]
    assert "`kubectl example wait dummy NAME -n NAMESPACE`" in pages["workloads.md"]
    assert "or a Dummy that sleeps" in pages["reasons.md"]
    assert "`Dummy`" in pages["releaseflow.md"]


def test_the_chart_grants_its_rights(followed: Mapping[str, Any]) -> None:
    row = "- kind: Dummy\n  group: example.test\n  resource: dummies\n  verbs: [get, list, watch, patch]\n"
    assert row in followed["chart"]


def test_it_is_watched_by_our_label_and_its_changes_reach_the_flows_that_name_it(followed: Mapping[str, Any]) -> None:
    path = "/apis/example.test/v7/namespaces/shop/dummies/one"
    assert followed["watched"] == [True, "releaseflow.dev/managed", path]
    assert ["example.test", "v7", "dummies"] in followed["handlers"]
    assert followed["kept"]
    assert followed["concerned"] == ["shop"]


def test_its_images_are_read_and_written_at_its_own_path(followed: Mapping[str, Any]) -> None:
    assert followed["images"] == [["web", "shop:v1"]]
    assert followed["patch"] == {
        "spec": {
            "podTemplate": {
                "spec": {"containers": [{"name": "web", "image": "shop:v2"}]},
                "metadata": {"annotations": {"releaseflow.dev/restarted-for": "3"}},
            }
        }
    }


def test_messages_have_its_words_and_its_commands(followed: Mapping[str, Any]) -> None:
    assert followed["paused"] == "Dummy shop sleeps. Wake it: kubectl wake shop -n shop"
    assert followed["missing"] == "Waiting for Dummy shop: kubectl get dummy shop -n team"

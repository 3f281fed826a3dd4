"""Client by change for Rollouts of Argo Rollouts, and which of them cannot be held, on the real API server."""

from collections.abc import Iterator
from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import BYPASS
from tests.support.rollouts import ROLLOUTS
from tests.unit.chart.gate import changes
from tests.unit.chart.gate.api import APPLY, Api
from tests.unit.chart.gate.changes import Change
from tests.unit.chart.gate.clients import CLIENTS, EDITORS, Client, made, replace, strategic_patch
from tests.unit.chart.gate.deployments import NEXT, SERVING, Deployment
from tests.unit.chart.gate.kinds import ROLLOUT, held, mark, serving
from tests.unit.chart.gate.policies import eventually
from tests.unit.chart.rendering import Manifest

HELD_BY = "is held by ReleaseFlow shop until its migration is done; see why: kubectl describe rflow shop -n team"
EXPERIMENT = {"canary": {"steps": [{"setWeight": 5}, {"experiment": {"templates": []}}]}}
GOES_ON: list[Manifest] = [
    {"strategy": {"blueGreen": {"activeService": "shop"}}},
    {"strategy": EXPERIMENT},
    {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}},
]
CUSTOM = tuple(client for client in CLIENTS if client not in {strategic_patch, replace})
"""What writes to a custom resource: it takes no strategic merge patch, and no update without a resourceVersion."""


def nothing(_: object) -> None:
    """Change nothing: what is in Git is written again."""


@pytest.fixture(scope="module")
def there(api: Api) -> Iterator[Api]:
    """The namespace, on an API server that serves Rollouts."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = api.call("POST", path, ROLLOUTS)
    assert answer.taken, answer.message
    rollouts = api.of(ROLLOUT.resource)
    eventually(lambda: rollouts.create(ROLLOUT.manifest("probe"), dry_run=True).taken)
    yield rollouts
    rollouts.close()
    api.call("DELETE", f"{path}/rollouts.argoproj.io")


@pytest.mark.parametrize("client", CUSTOM)
@pytest.mark.parametrize("change", [changes.image, changes.image_of_the_init_container])
def test_a_new_image_is_held(there: Api, client: Client, change: Change) -> None:
    workload = serving(there, ROLLOUT)
    answer = made(client, workload, change)
    assert answer.taken, answer.message
    assert ROLLOUT.is_held(workload.live)


@pytest.mark.parametrize("client", CUSTOM)
@pytest.mark.parametrize("change", [changes.env, changes.replicas])
def test_with_the_same_images_nothing_is_held(there: Api, client: Client, change: Change) -> None:
    workload = serving(there, ROLLOUT)
    answer = made(client, workload, change)
    assert answer.taken, answer.message
    assert ROLLOUT.is_untouched(workload.live)


@pytest.mark.parametrize("client", CUSTOM)
@pytest.mark.parametrize("change", [changes.image, changes.env, nothing])
def test_what_is_held_takes_changes_and_stays_held(there: Api, client: Client, change: Change) -> None:
    workload = held(there, ROLLOUT)
    answer = made(client, workload, change)
    assert answer.taken, answer.message
    assert ROLLOUT.is_held(workload.live)


def test_who_applies_the_image_alone_holds_it_and_puts_the_one_before_back(there: Api) -> None:
    workload = serving(there, ROLLOUT)
    for image in (NEXT, SERVING):
        containers = [{"name": "web", "image": image}]
        fields = {"template": {"spec": {"containers": containers}}}
        sent = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": workload.name},
            "spec": fields,
        }
        path = f"{there.path}/{workload.name}?fieldManager=pipeline&force=true"
        answer = there.call("PATCH", path, sent, APPLY)
        assert answer.taken, answer.message
        assert ROLLOUT.is_held(workload.live)


@pytest.mark.parametrize("client", [client for client in EDITORS if client is not strategic_patch])
@pytest.mark.parametrize("change", [changes.pause_taken_away, changes.mark_taken_away, changes.label_taken_away])
def test_who_takes_a_sign_of_the_hold_away_is_refused(there: Api, client: Client, change: Change) -> None:
    workload = held(there, ROLLOUT)
    answer = made(client, workload, change)
    assert not answer.taken
    assert f"Rollout {workload.name} {HELD_BY}" in answer.message
    resume = f"""kubectl patch rollout -n team {workload.name} --type=merge --patch='{{"spec":{{"paused":false}}}}'"""
    annotate = f"kubectl annotate rollout -n team {workload.name} --overwrite {BYPASS}={NEXT}, then {resume}"
    assert annotate in answer.message
    assert ROLLOUT.is_held(workload.live)


def test_the_commands_of_the_answer_let_it_serve(there: Api) -> None:
    workload = held(there, ROLLOUT)
    patches: tuple[Manifest, ...] = ({"metadata": {"annotations": {BYPASS: NEXT}}}, {"spec": {"paused": False}})
    for patch in patches:
        answer = there.patch(workload.name, patch)
        assert answer.taken, answer.message
    assert not ROLLOUT.is_held(workload.live)


def test_its_status_is_written_while_it_is_held(there: Api) -> None:
    workload = held(there, ROLLOUT)
    answer = there.patch(f"{workload.name}/status", {"status": {"phase": "Paused"}})
    assert answer.taken, answer.message
    assert mark(workload.live) == "true"


@pytest.mark.parametrize("spec", GOES_ON)
def test_one_whose_pods_are_made_while_it_is_paused_is_refused(there: Api, spec: dict[str, Any]) -> None:
    answer = there.create(ROLLOUT.manifest("shop", **spec))
    assert not answer.taken
    assert "Rollout shop cannot be held for ReleaseFlow shop" in answer.message
    assert "name it in a ReleaseFlow with mode: Promote" in answer.message


@pytest.mark.parametrize("spec", GOES_ON)
def test_one_that_is_held_does_not_become_such_a_one(there: Api, spec: dict[str, Any]) -> None:
    workload = held(there, ROLLOUT)
    answer = there.patch(workload.name, {"spec": spec})
    assert not answer.taken
    assert "cannot be held" in answer.message


def test_without_the_label_it_may_be_any(there: Api) -> None:
    manifest = ROLLOUT.manifest("other", **GOES_ON[0])
    del manifest["metadata"]["labels"]
    answer = there.create(manifest)
    assert answer.taken, answer.message
    assert ROLLOUT.is_untouched(Deployment(there, manifest).live)

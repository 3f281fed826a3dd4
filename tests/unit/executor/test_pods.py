"""Which pod a command is executed in."""

from typing import Any

import pytest

from releaseflow.executor.pods import places_in
from releaseflow.executor.settings import Settings

WANTED = Settings("shop", "Deployment", "shop-console", "", "shop:2", "")
READY = [{"type": "Ready", "status": "True"}]


def pod(**changes: Any) -> dict[str, Any]:
    """Return a ready pod of the workload; changes are of metadata, spec and status."""
    owner = {"kind": "ReplicaSet", "name": "shop-console-7c9", "controller": True}
    found: dict[str, Any] = {
        "metadata": {"name": "one", "labels": {"pod-template-hash": "7c9"}, "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "proxy", "image": "proxy:1"}, {"name": "app", "image": "shop:2"}]},
        "status": {
            "conditions": READY,
            "containerStatuses": [
                {"name": "app", "ready": True, "imageID": "shop@sha256:2"},
                {"name": "proxy", "ready": True, "imageID": "proxy@sha256:1"},
            ],
        },
    }
    return {part: body | changes.get(part, {}) for part, body in found.items()}


def test_the_first_container_with_the_image_is_taken_and_what_runs_in_it_is_known() -> None:
    [(name, place)] = places_in(pod(), WANTED)
    assert (name, place.pod, place.container) == ("one", "one", "app")
    assert (place.image, place.image_id) == ("shop:2", "shop@sha256:2")


OWNER = {"kind": "ReplicaSet", "controller": True}
STATUS = [{"name": "app", "ready": False, "imageID": ""}]
OTHERS: dict[str, dict[str, Any]] = {
    "one that is being deleted": {"metadata": {**pod()["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}},
    "one that is not ready": {"status": {"conditions": [{"type": "Ready", "status": "False"}]}},
    "one whose container is not ready": {"status": {"containerStatuses": STATUS}},
    "one that says nothing of its containers": {"status": {"containerStatuses": []}},
    "one with another image": {"spec": {"containers": [{"name": "app", "image": "shop:1"}]}},
    "one of another Deployment": {"metadata": {"ownerReferences": [{**OWNER, "name": "shop-7c9"}]}},
    "one of a Deployment whose name is longer": {
        "metadata": {"ownerReferences": [{**OWNER, "name": "shop-console-2-7c9"}]}
    },
    "one that only says so": {"metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "shop-console-7c9"}]}},
    "one without an owner": {"metadata": {"ownerReferences": []}},
    "one of a StatefulSet of the same name": {
        "metadata": {"ownerReferences": [{**OWNER, "kind": "StatefulSet", "name": "shop-console"}]}
    },
}


@pytest.mark.parametrize("what", OTHERS)
def test_no_other_pod_is(what: str) -> None:
    assert places_in(pod(**OTHERS[what]), WANTED) == []


def test_a_container_that_is_named_must_have_the_image() -> None:
    named = Settings("shop", "Deployment", "shop-console", "proxy", "shop:2", "")
    assert places_in(pod(), named) == []


def test_a_pod_of_a_statefulset_is_known_by_its_owner() -> None:
    wanted = Settings("shop", "StatefulSet", "shop-console", "", "shop:2", "")
    owner = {"kind": "StatefulSet", "name": "shop-console", "controller": True}
    assert len(places_in(pod(metadata={"name": "one", "ownerReferences": [owner]}), wanted)) == 1
    assert places_in(pod(), wanted) == []

"""Deployments, by the rules of kubectl rollout status, and the fence on them."""

from typing import Any

import pytest

from releaseflow.core.flow.observed import Fence, Rollout
from releaseflow.core.observed import ABSENT
from releaseflow.shell.translate_targets import fence_of, fence_text, rollout_of, target_seen
from tests.unit.shell import objects
from tests.unit.shell.objects import condition

DONE = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
LATE = [condition("Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "shop-1" has timed out progressing.')]


@pytest.mark.parametrize(
    ("status", "spec", "rollout"),
    [
        (DONE, {}, Rollout.COMPLETE),
        ({**DONE, "observedGeneration": 0}, {}, Rollout.UNOBSERVED),
        ({**DONE, "observedGeneration": 0, "conditions": LATE}, {}, Rollout.UNOBSERVED),
        (DONE, {"paused": True}, Rollout.PAUSED),
        ({**DONE, "updatedReplicas": 1}, {}, Rollout.PROGRESSING),
        ({**DONE, "replicas": 3}, {}, Rollout.PROGRESSING),
        ({**DONE, "availableReplicas": 1}, {}, Rollout.PROGRESSING),
        ({**DONE, "availableReplicas": 1, "conditions": LATE}, {}, Rollout.FAILED),
        ({"observedGeneration": 1}, {"replicas": 0}, Rollout.COMPLETE),
        ({}, {}, Rollout.UNOBSERVED),
    ],
)
def test_rollout(status: dict[str, Any], spec: dict[str, Any], rollout: Rollout) -> None:
    assert rollout_of(objects.deployment(status=status, **spec)) is rollout


def test_a_failed_rollout_says_why() -> None:
    seen = target_seen(objects.deployment(status={**DONE, "availableReplicas": 0, "conditions": LATE}))

    assert seen.rollout_message == 'ReplicaSet "shop-1" has timed out progressing.'


def test_a_fence_is_read_as_it_is_written() -> None:
    fence = Fence("shop", "uid-1", 7)
    raw = objects.deployment()
    raw["metadata"]["annotations"] = {"releaseflow.dev/fence": fence_text(fence)}

    assert fence_of(raw) == fence


@pytest.mark.parametrize(
    "text", ["", "shop", "shop/uid", "shop/uid/x", "shop//1", "a/b/c/1", "shop/uid/-1", "shop/uid/²"]
)
def test_what_is_no_fence_counts_as_none(text: str) -> None:
    raw = objects.deployment()
    raw["metadata"]["annotations"] = {"releaseflow.dev/fence": text}

    assert fence_of(raw) is ABSENT


def test_a_target_as_it_stands() -> None:
    raw = objects.deployment(labels={"releaseflow.dev/managed": "true"})
    raw["spec"]["template"]["metadata"]["annotations"] = {"releaseflow.dev/restarted-for": "3"}

    seen = target_seen(raw)

    assert seen.images == (("web", "shop:v1"),)
    assert (seen.managed, seen.restarted_for, seen.deleting) == (True, 3, False)

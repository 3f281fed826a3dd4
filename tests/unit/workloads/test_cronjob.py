"""CronJobs: no rollout, and pods only from time to time, which belong to Jobs."""

from typing import Any

import pytest

from releaseflow.controllers.parse_targets import target_facts
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout

CRONJOB = WORKLOADS["CronJob"]


def pod(kind: str, name: str) -> dict[str, Any]:
    return {"metadata": {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}}


@pytest.mark.parametrize("status", [{}, {"active": [{"name": "nightly-1"}]}])
@pytest.mark.parametrize("suspended", [True, False])
def test_it_is_complete_as_soon_as_the_api_server_has_it(status: dict[str, Any], *, suspended: bool) -> None:
    container = {"name": "report", "image": "shop:1"}
    template = {"spec": {"template": {"spec": {"containers": [container]}}}}
    raw = {
        "metadata": {"name": "nightly", "generation": 7},
        "spec": {"suspend": suspended, "jobTemplate": template},
        "status": status,
    }

    facts = target_facts(CRONJOB, raw)

    assert (facts.rollout, facts.images) == (Rollout.COMPLETE, (("report", "shop:1"),))
    assert not facts.runs_template, "nothing tells of which template its pods are"


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (pod("Job", "nightly-29384756"), "nightly"),
        (pod("Job", "nightly-report-29384756"), "nightly-report"),
        (pod("Job", "by-hand"), ""),
        (pod("ReplicaSet", "nightly-29384756"), ""),
        ({"metadata": {}}, ""),
    ],
)
def test_a_pod_of_a_job_is_known_by_the_minute_in_its_name(owner: dict[str, Any], name: str) -> None:
    assert CRONJOB.name_of_owner(owner) == name


def test_its_image_is_written_where_its_jobs_take_it_from() -> None:
    spec = {"containers": [{"name": "report", "image": "shop:2"}]}
    assert CRONJOB.in_template(spec, {}) == {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    assert CRONJOB.set_images("shop", "nightly", "report=shop:1").startswith(
        "kubectl set image cronjob/nightly -n shop"
    )

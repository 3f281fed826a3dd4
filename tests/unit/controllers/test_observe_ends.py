"""What the observation of a run asks for where a Job is over, and what it knows of the pods."""

import json
from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import STEP_LABEL
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.run.job_specs import Attempt
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.objects import condition
from tests.unit.controllers.scene import NAME, Scene, job, migrating, read


@pytest.mark.parametrize(
    "over",
    [
        {"deletionTimestamp": "2026-11-23T12:00:00Z"},
        {"status": {"conditions": [condition("Failed", reason="DeadlineExceeded")]}},
    ],
    ids=["it is being deleted", "it failed"],
)
async def test_the_pods_of_a_job_that_is_over_are_read_live_unless_their_containers_have_ended(
    over: dict[str, Any],
) -> None:
    raw = job(generation=2, **over)
    running = {"phase": "Running", "initContainerStatuses": [{"name": "migrate", "containerID": "c://1"}]}
    scene = Scene((Resource.RUN, migrating()), (Resource.JOB, raw), (Resource.POD, objects.pod(status=running)))
    done = {"exitCode": 0, "containerID": "c://1"}
    statuses = {
        f"{group}Statuses": [{"name": name, "containerID": "c://1", "state": {"terminated": done}}]
        for group, name in (("initContainer", "migrate"), ("container", "report"))
    }
    scene.api.having(Resource.POD, objects.pod(version=11, status={"phase": "Running", **statuses}))

    (pod,) = (await scene.observe()).pods
    assert pod.over

    scene.api.asked.clear()
    scene.cache.upsert(Resource.POD, objects.pod(version=12, status={"phase": "Running", **statuses}))
    await scene.observe()
    assert scene.asked_for(Resource.POD) == 0


async def test_a_migration_is_built_for_the_node_where_the_check_ran() -> None:
    checked = objects.pod(status={"phase": "Succeeded"})
    checked["metadata"] |= {"name": "check", "labels": {**checked["metadata"]["labels"], STEP_LABEL: "Check"}}
    checked["spec"]["nodeName"] = "node-7"
    scene = Scene((Resource.RUN, migrating()), (Resource.POD, checked))
    seen, run = await scene.observe(), read(migrating())
    specs = objects.job_specs()
    for step, node in ((StepType.MIGRATE, '"node-7"'), (StepType.BACKUP, "")):
        made = await specs.job(scene.reader, run, Attempt(step, 1, NAME), dict(seen.template_hashes)[step])
        assert made is not None
        assert ("matchFields" in json.dumps(made), node in json.dumps(made)) == (bool(node), True)

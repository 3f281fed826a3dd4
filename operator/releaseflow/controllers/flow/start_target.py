"""Write an image into a target together with the migration that its pods carry out as they start."""

import structlog

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun, parse_run
from releaseflow.core.flow.actions import SetImage, StartTarget
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.startup import mark, with_migration
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object
from releaseflow.workloads.registry import WORKLOADS

log = structlog.get_logger()


async def start_target(reader: Reader, writer: Writer, flow: ParsedFlow, action: StartTarget) -> None:
    """Apply image and migration by one write, if the target is exactly the one that was seen."""
    kind, workload = Resource.of_workload(action.kind), WORKLOADS[action.kind]
    raw, run = reader.cached(kind, flow.namespace, action.name), await _run(reader, flow, action.run)
    if raw is None or run is None:
        log.info("target_not_started", target=action.name, run=action.run)
        return
    inputs = JobInputs(
        namespace=flow.namespace,
        run_name=run.name,
        run_uid=run.uid,
        flow_name=flow.name,
        flow_uid=flow.uid,
        spec=run.spec,
        step=StepType.MIGRATE,
        attempt=1,
        name="",
        pod_template=workload.pod_template(raw),
        client_image="",
        operator_image="",
    )
    fields = workload.in_template(with_migration(inputs, moved_containers(action)), mark(inputs))
    at = ObjectVersion(kind, flow.namespace, action.name, action.uid, action.resource_version)
    await writer.apply(at, fields)


def moved_containers(action: SetImage) -> Object:
    """Return name and image of the containers that a promotion moves, by their group."""
    groups = {"containers": action.images, "initContainers": action.init_images}
    return {
        group: [{"name": name, "image": image} for name, image in images] for group, images in groups.items() if images
    }


async def _run(reader: Reader, flow: ParsedFlow, name: str) -> ParsedRun | None:
    raw = await reader.get(Resource.RUN, flow.namespace, name)
    run = parse_run(raw) if raw is not None else None
    return run if isinstance(run, ParsedRun) and run.flow_uid == flow.uid else None

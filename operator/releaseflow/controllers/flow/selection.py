"""Which workloads a flow's selector chooses: asked of the API server, which alone knows those without our label."""

from dataclasses import replace

from releaseflow.api.v1alpha1.target import Target
from releaseflow.api.v1alpha1.target_selector import TargetSelector
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import ParsedFlow
from releaseflow.core.flow.selection import chosen_target, may_choose, targets_in_effect
from releaseflow.core.names import repository
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, is_deleting, name_of
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Workload


async def with_chosen(reader: Reader, flow: ParsedFlow) -> tuple[ParsedFlow, int]:
    """Return a flow with the targets that its selector chooses as those of its spec, and how many it chooses."""
    selector = flow.spec.target_selector
    if selector is None:
        return flow, 0
    chosen = await _chosen(reader, flow, selector) if may_choose(flow.spec, flow.status) else ()
    targets = targets_in_effect(flow.spec, flow.status, chosen)
    return replace(flow, spec=flow.spec.model_copy(update={"targets": targets})), len(chosen)


async def _chosen(reader: Reader, flow: ParsedFlow, selector: TargetSelector) -> tuple[Target, ...]:
    found: list[Target] = []
    for kind in selector.kinds:
        raws = await reader.list_chosen(Resource.of_workload(kind), flow.namespace, selector.text)
        found += [
            chosen_target(kind, name_of(raw), containers)
            for raw in raws
            if not is_deleting(raw) and (containers := _containers(flow, WORKLOADS[kind], raw)) is not None
        ]
    return tuple(found)


def _containers(flow: ParsedFlow, workload: Workload, raw: Object) -> tuple[str, ...] | None:
    """Return the containers to move: those with the image's repository; None where a workload has none.

    With modes that write no image, which of them are meant is for the release to see.
    """
    if flow.spec.image is None:
        return ()
    release = flow.status.release
    ours = {repository(flow.spec.image), *(() if release is None else (repository(release.image),))}
    images = (*workload.images(raw), *workload.images(raw, "initContainers"))
    return tuple(name for name, image in images if repository(image) in ours) or None

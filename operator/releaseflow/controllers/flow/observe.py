"""All facts that a ReleaseFlow depends on, observed at one time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from cachetools import LRUCache

from releaseflow.api.v1alpha1.metadata import FLOW_UID_LABEL
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.cache.reader import Reader
from releaseflow.controllers.flow.gate_policies import GatePolicies
from releaseflow.controllers.flow.pods import image_ids_in, old_pods, pods_of
from releaseflow.controllers.flow.selection import with_chosen
from releaseflow.controllers.parse_objects import (
    ParsedFlow,
    ParsedRun,
    Unreadable,
    or_absent,
    parse_flow,
    parse_run,
    run_facts_for_flow,
)
from releaseflow.controllers.parse_targets import fence_of, target_facts
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.containers import all_have, live_images, released_containers
from releaseflow.core.flow.contract import is_due
from releaseflow.core.flow.facts import Fence, FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.flow.held import is_gated, needs_policies
from releaseflow.core.flow.history import runner_target
from releaseflow.core.flow.selection import SELECTION_SECONDS, may_choose
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, resource_version_of, uid_of
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout, Workload

_REMEMBERED = 4096


@dataclass(frozen=True)
class FlowObservation:
    """A flow, and the facts that it depends on."""

    parsed: ParsedFlow
    facts: FlowObserved
    requeue_after: float | None = None


@dataclass(frozen=True)
class FlowObserver:
    """Observes flows; caches the image IDs in the pods of unchanged workloads."""

    clock: Callable[[], datetime]
    rejections: Rejections
    _policies: GatePolicies = field(default_factory=GatePolicies)
    _image_ids: LRUCache[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: LRUCache(_REMEMBERED))

    async def observe(self, reader: Reader, key: ReconcileRequest) -> FlowObservation | Unreadable | Absent:
        """Observe a flow; ABSENT where there is none."""
        raw = await reader.get(Resource.FLOW, key.namespace, key.name)
        if raw is None:
            return ABSENT
        flow = parse_flow(raw)
        return flow if isinstance(flow, Unreadable) else await self._observe(reader, flow)

    async def _observe(self, reader: Reader, named: ParsedFlow) -> FlowObservation:
        flow, chosen = await with_chosen(reader, named)
        release = flow.status.release
        run = await reader.get(Resource.RUN, flow.namespace, release.run) if release is not None else None
        facts = FlowObserved(
            name=flow.name,
            namespace=flow.namespace,
            uid=flow.uid,
            resource_version=flow.resource_version,
            generation=flow.generation,
            spec=flow.spec,
            status=flow.status,
            now=self.clock(),
            deleting=flow.deleting,
            commands=flow.commands,
            rejection=self.rejections.cause(ReconcileRequest(Resource.FLOW, flow.namespace, flow.name)),
            chosen=chosen,
            targets=tuple([await self._target(reader, flow, target) for target in flow.spec.targets]),
            runner=await self._runner(reader, flow),
            run=or_absent(parse_run(run) if run is not None else None),
            runs=await _runs(reader, flow),
            further=await _further_runs(reader, flow),
            missing_policies=await self._missing_policies(reader, flow),
            old_pods=await old_pods(reader, flow) if is_due(flow.spec, flow.status, self.clock()) else (),
        )
        return FlowObservation(flow, facts, SELECTION_SECONDS if may_choose(flow.spec, flow.status) else None)

    async def _missing_policies(self, reader: Reader, flow: ParsedFlow) -> tuple[str, ...]:
        if not needs_policies(flow.spec, flow.status):
            return ()
        return await self._policies.missing(reader, {target.kind for target in flow.spec.targets})

    async def _runner(self, reader: Reader, flow: ParsedFlow) -> TargetFacts | Absent:
        target = runner_target(flow.spec)
        return ABSENT if target is ABSENT else await self._target(reader, flow, target)

    async def _target(self, reader: Reader, flow: ParsedFlow, target: Target) -> TargetFacts | Absent:
        workload = WORKLOADS[target.kind]
        raw = await reader.get(Resource.of_workload(target.kind), flow.namespace, target.name)
        if raw is None:
            return ABSENT
        owner_exists = await _fence_owner_exists(reader, flow, fence_of(raw))
        here = target_facts(workload, raw, fence_owner_exists=owner_exists)
        unknown = TargetStatus(kind=target.kind, name=target.name)
        known = next((k for k in flow.status.targets if (k.kind, k.name) == (target.kind, target.name)), unknown)
        containers = released_containers(target, known, here)
        wanted = flow.spec.image or (flow.status.release.image if flow.status.release and is_gated(flow.spec) else None)
        if wanted is None or containers is ABSENT or not all_have(live_images(target, known, here), wanted):
            return here
        if here.rollout is not Rollout.COMPLETE or workload.makes_jobs:
            return here
        return replace(here, image_ids=await self._ids(reader, raw, workload, containers))

    async def _ids(
        self, reader: Reader, raw: Object, workload: Workload, containers: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return the image IDs in the ready pods of a workload that has fully rolled the wanted image out."""
        version, ids = self._image_ids.get(uid_of(raw), ("", ()))
        if version != resource_version_of(raw):
            listing = await pods_of(reader, workload, raw)
            ids = tuple(sorted({found for pod in listing for found in image_ids_in(pod, containers)}))
            self._image_ids[uid_of(raw)] = (resource_version_of(raw), ids)
        return ids


async def _fence_owner_exists(reader: Reader, flow: ParsedFlow, fence: Fence | Absent) -> bool:
    if fence is ABSENT:
        return False
    if fence.flow_uid == flow.uid:
        return True
    return uid_of(await reader.get(Resource.FLOW, flow.namespace, fence.flow_name)) == fence.flow_uid


async def _runs(reader: Reader, flow: ParsedFlow) -> tuple[RunForFlow, ...]:
    """Return all runs of a flow, newest first; the label finds them, the reference in their spec proves them."""
    raws = await reader.list_objects(Resource.RUN, flow.namespace, {FLOW_UID_LABEL: flow.uid})
    runs = [run for raw in raws if isinstance(run := parse_run(raw), ParsedRun) and run.flow_uid == flow.uid]
    return tuple(run_facts_for_flow(run) for run in sorted(runs, key=lambda run: run.sequence, reverse=True))


async def _further_runs(reader: Reader, flow: ParsedFlow) -> tuple[RunForFlow, ...]:
    """Return the release's other runs whose outcome is not recorded, whoever made what has their names."""
    release = flow.status.release
    names = [known.run for known in release.further_runs if known.outcome is None] if release is not None else []
    raws = [await reader.get(Resource.RUN, flow.namespace, name) for name in names]
    runs = [or_absent(parse_run(raw)) for raw in raws if raw is not None]
    return tuple(run for run in runs if run is not ABSENT)

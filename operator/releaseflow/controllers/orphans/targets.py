"""Targets whose flow was deleted: an Event on each says so, since the flow itself cannot say it any more."""

from collections.abc import Callable
from dataclasses import dataclass

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import by_flow
from releaseflow.controllers.parse_jobs import job_facts
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun, parse_flow, parse_run
from releaseflow.controllers.parse_targets import fence_of
from releaseflow.controllers.reporter import reference_to
from releaseflow.controllers.request import ReconcileRequest, request_for
from releaseflow.controllers.run.job_specs import recorded_attempt
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import Fence
from releaseflow.core.flow.history import runner_target
from releaseflow.core.run.migration import never_started
from releaseflow.kube.resources import OF_WORKLOADS, Resource
from releaseflow.reporting.events import EventRecord
from releaseflow.unstructured import Object, name_of, namespace_of, uid_of

ELSEWHERE = "where they were made"


@dataclass(frozen=True)
class DeletedFlows:
    """Announces deleted flows: the leader at once, or the next leader where none led or the first one died."""

    record: Callable[[EventRecord], None]

    def announce(self, cache: Cache, raw: Object) -> None:
        """Record an Event on each target of a flow whose deletion was just seen."""
        flow = parse_flow(raw)
        if not isinstance(flow, ParsedFlow):
            return
        backup = flow.spec.backup
        place = f"in {backup.destination.label}" if backup.is_taken else ELSEWHERE
        kept = f"Backups that it took stay {place}, under {flow.name}/, each with its restore command beside it"
        runner = runner_target(flow.spec)
        for target in (*(flow.spec.targets or flow.status.targets), *(() if runner is ABSENT else (runner,))):
            here = cache.get(Resource.of_workload(target.kind), flow.namespace, target.name) or {}
            fence = fence_of(here)
            if fence is not ABSENT and fence.flow_uid == flow.uid:
                self._record(cache, target.kind, here, fence, kept)

    async def announce_late(self, reader: Reader, key: ReconcileRequest) -> None:
        """Record an Event on a target, unless the flow of its fence exists after all."""
        here = await reader.get_live(key.kind, key.namespace, key.name) or {}
        fence = fence_of(here)
        if fence is ABSENT:
            return
        flow = await reader.get_live(Resource.FLOW, key.namespace, fence.flow_name)
        if uid_of(flow or {}) != fence.flow_uid:
            kept = f"Backups that it took stay {ELSEWHERE}, under {fence.flow_name}/"
            self._record(reader.cache, key.kind.singular, here, fence, kept)

    def _record(self, cache: Cache, kind: str, target: Object, fence: Fence, kept: str) -> None:
        namespace = namespace_of(target)
        migrating = _migrating(cache, namespace, fence.flow_uid)
        see = commands.show_pods_of_run(namespace, migrating)
        runs = f". The migration of run {migrating} is finished, and not promoted: {see}" if migrating else ""
        note = f"ReleaseFlow {fence.flow_name} was deleted: it releases nothing here any more{runs}. {kept}"
        on = reference_to(Resource.of_workload(kind), namespace, name_of(target), uid_of(target))
        self.record(EventRecord(on, Reason.FLOW_DELETED.value, note, warning=True, once=fence.flow_uid))


def targets_without_flow(cache: Cache) -> list[ReconcileRequest]:
    """Return the targets whose fence names a flow that the cache does not have."""
    known = {"", *(uid_of(flow) for flow in cache.list_all(Resource.FLOW))}
    targets = ((kind, raw, fence_of(raw)) for kind in OF_WORKLOADS for raw in cache.list_all(kind))
    return [
        request_for(kind, raw) for kind, raw, fence in targets if fence is not ABSENT and fence.flow_uid not in known
    ]


def _migrating(cache: Cache, namespace: str, flow_uid: str) -> str:
    """Return the run of the flow whose migration has begun and is not over; empty where there is none."""
    runs = (parse_run(raw) for raw in cache.indexed(Resource.RUN, namespace, by_flow(flow_uid)))
    return next((run.name for run in runs if isinstance(run, ParsedRun) and _has_begun(cache, run)), "")


def _has_begun(cache: Cache, run: ParsedRun) -> bool:
    if run.status.outcome is not None:
        return False
    job = cache.get(Resource.JOB, run.namespace, recorded_attempt(run, StepType.MIGRATE).job_name)
    return job is not None and not never_started(job_facts(job))

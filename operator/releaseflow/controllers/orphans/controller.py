"""Jobs and pods whose run is gone, and targets whose flow is: no other controller reconciles them any more."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from releaseflow.api.v1alpha1.metadata import RUN_UID_LABEL
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.orphans.gone_runs import GoneRuns
from releaseflow.controllers.orphans.targets import DeletedFlows, targets_without_flow
from releaseflow.controllers.parse_jobs import job_facts, pod_facts
from releaseflow.controllers.request import ReconcileRequest, request_for
from releaseflow.controllers.run.act import remove_finalizer
from releaseflow.core.facts import ABSENT, PodFacts
from releaseflow.core.run.orphans import OrphanAction, orphan_job_action, orphan_pod_action
from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, label, resource_version_of, uid_of

log = structlog.get_logger()

ORPHAN_POLL_SECONDS = 10.0
"""Seconds to the next reconcile of an orphan that may still have a working pod."""


@dataclass(frozen=True)
class OrphanController:
    """Releases objects whose finalizer of ours has no purpose any more, and says of targets that nothing moves them."""

    deleted_flows: DeletedFlows
    gone: GoneRuns = field(default_factory=GoneRuns)

    async def reconcile(self, reader: Reader, writer: Writer, key: ReconcileRequest, now: datetime) -> float | None:
        """Do what is left to do for an orphan; return when to reconcile it again."""
        if not key.kind.is_workload:
            return await self._release(reader, writer, key, now)
        await self.deleted_flows.announce_late(reader, key)
        return None

    async def _release(self, reader: Reader, writer: Writer, key: ReconcileRequest, now: datetime) -> float | None:
        """Remove the finalizer of a Job or pod whose run is gone, once no pod works for it; return when to retry."""
        raw = await reader.get_live(key.kind, key.namespace, key.name)
        if raw is None or not has_our_finalizer(raw):
            return None
        run_uid = label(raw, RUN_UID_LABEL)
        if not await self.gone.has(reader, key.namespace, run_uid):
            return None
        pods = await _pods(reader, key.namespace, run_uid, now)
        at = ObjectVersion(key.kind, key.namespace, key.name, uid_of(raw), resource_version_of(raw))
        match orphan_job_action(job_facts(raw), pods) if key.kind is Resource.JOB else orphan_pod_action(pods):
            case OrphanAction.WAIT:
                return ORPHAN_POLL_SECONDS
            case OrphanAction.DELETE:
                await writer.delete(at)
                log.info("orphan_deleted", kind=key.kind.singular, run_uid=run_uid)
                return ORPHAN_POLL_SECONDS
            case OrphanAction.REMOVE_FINALIZER:
                await remove_finalizer(reader, writer, at)
                log.info("orphan_released", kind=key.kind.singular, run_uid=run_uid)
                return None


async def _pods(reader: Reader, namespace: str, run_uid: str, now: datetime) -> tuple[PodFacts, ...]:
    """Return the pods of a run as the API server has them now."""
    raws = await reader.list_live(Resource.POD, namespace, {RUN_UID_LABEL: run_uid})
    return tuple(seen for raw in raws if (seen := pod_facts(raw, now)) is not ABSENT)


def orphans(cache: Cache) -> list[ReconcileRequest]:
    """Return what the cache has although it does not have the run, or the flow, that it belongs to."""
    known = {uid_of(run) for run in cache.list_all(Resource.RUN)}
    found = [request_for(kind, raw) for kind, raw in _held(cache) if label(raw, RUN_UID_LABEL) not in known]
    return [*found, *targets_without_flow(cache)]


def runs_with_held_objects(cache: Cache) -> frozenset[str]:
    """Return the UIDs of the runs for which a Job or a pod is kept."""
    return frozenset(label(raw, RUN_UID_LABEL) for _, raw in _held(cache))


def _held(cache: Cache) -> list[tuple[Resource, Object]]:
    """Return the Jobs and pods that are kept."""
    kinds = (Resource.JOB, Resource.POD)
    return [(kind, raw) for kind in kinds for raw in cache.list_all(kind) if has_our_finalizer(raw)]

"""Let go of Jobs and pods whose run is gone: nobody will record their outcome any more."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from releaseflow.api.v1alpha1.metadata import FINALIZER, RUN_UID_LABEL
from releaseflow.cache.cache import View
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Exactly, Writer
from releaseflow.controllers.orphans.gone_runs import GoneRuns
from releaseflow.controllers.parse_jobs import job_seen, pod_seen
from releaseflow.controllers.run.act import release
from releaseflow.core.facts import PodSeen
from releaseflow.core.run.orphans import Fate, fate_of_job, fate_of_pod
from releaseflow.kube.resources import Key, Kind
from releaseflow.kube.unstructured import Raw, has_finalizer, label, uid_of, version_of

log = structlog.get_logger()

STILL_ALIVE = 10.0
"""Seconds to the next look at an orphan that a pod may still be at work for."""


@dataclass(frozen=True)
class Orphans:
    """Releases what our finalizer keeps in vain."""

    gone: GoneRuns = field(default_factory=GoneRuns)

    async def release(self, reader: Reader, writer: Writer, key: Key, now: datetime) -> float | None:
        """Let go of a Job or a pod whose run is gone, once nothing is at work for it; return when to look again."""
        raw = await reader.ask(key.kind, key.namespace, key.name)
        if raw is None or not is_kept(raw):
            return None
        run_uid = label(raw, RUN_UID_LABEL)
        if not await self.gone.has(reader, key.namespace, run_uid):
            return None
        pods = await _pods(reader, key.namespace, run_uid, now)
        at = Exactly(key.kind, key.namespace, key.name, uid_of(raw), version_of(raw))
        match fate_of_job(job_seen(raw), pods) if key.kind is Kind.JOB else fate_of_pod(pods):
            case Fate.WAIT:
                return STILL_ALIVE
            case Fate.DELETE:
                await writer.delete(at)
                log.info("orphan_deleted", kind=key.kind.singular, run_uid=run_uid)
                return STILL_ALIVE
            case Fate.RELEASE:
                await release(reader, writer, at)
                log.info("orphan_released", kind=key.kind.singular, run_uid=run_uid)
                return None


async def _pods(reader: Reader, namespace: str, run_uid: str, now: datetime) -> tuple[PodSeen, ...]:
    """Return the pods of a run as the API server has them now."""
    raws = await reader.ask_all(Kind.POD, namespace, {RUN_UID_LABEL: run_uid})
    return tuple(seen for raw in raws if isinstance(seen := pod_seen(raw, now), PodSeen))


def is_kept(raw: Raw | None) -> bool:
    """Whether our finalizer keeps an object."""
    return has_finalizer(raw, FINALIZER)


def orphans(view: View) -> list[Key]:
    """Return the Jobs and pods that are kept although the view does not have their run."""
    known = {uid_of(run) for key in view.keys(Kind.RUN) if (run := view.get(*_place(key))) is not None}
    return [key for key, run_uid in _kept(view) if run_uid not in known]


def runs_that_are_owed_a_clean_up(view: View) -> frozenset[str]:
    """Return the UIDs of the runs for which a Job or a pod is kept."""
    return frozenset(run_uid for _, run_uid in _kept(view))


def _kept(view: View) -> list[tuple[Key, str]]:
    """Return the Jobs and pods that are kept, each with the UID of its run."""
    found = ((key, view.get(*_place(key))) for key in view.keys(Kind.JOB, Kind.POD))
    return [(key, label(raw, RUN_UID_LABEL)) for key, raw in found if raw is not None and is_kept(raw)]


def _place(key: Key) -> tuple[Kind, str, str]:
    return key.kind, key.namespace, key.name

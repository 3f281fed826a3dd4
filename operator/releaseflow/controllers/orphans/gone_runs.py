"""Which runs are gone: one live list answers for everything that is kept in a namespace."""

import asyncio
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

from cachetools import TTLCache

from releaseflow.api.v1alpha1.metadata import RUN_UID_LABEL
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import label, uid_of

GOOD_FOR_SECONDS = 10.0
"""How long it is remembered that a run is gone: only a store that was restored has such a run again."""
_REMEMBERED = 16_384

_Run = tuple[str, str]
"""Namespace and UID."""


class GoneRuns:
    """Remembers which runs were missing in a live list.

    A run is older than what is kept for it, and its UID is never given again. So where something kept was known before
    the runs were listed, and its run is not among them, it is gone for good. That a run is there is not remembered.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._gone: TTLCache[_Run, bool] = TTLCache(_REMEMBERED, GOOD_FOR_SECONDS, timer=clock)
        self._lists: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def has(self, reader: Reader, namespace: str, run_uid: str) -> bool:
        """Whether the run of something that is kept, and was just read live, is gone."""
        async with self._lists.setdefault(namespace, asyncio.Lock()):
            return (namespace, run_uid) in self._gone or await self._is_missing(reader, namespace, run_uid)

    async def _is_missing(self, reader: Reader, namespace: str, run_uid: str) -> bool:
        """List the runs of a namespace, and remember which of those are gone that something was kept for before."""
        kept = _kept(reader.cache, namespace) | {run_uid}
        there = {uid_of(run) for run in await reader.list_live(Resource.RUN, namespace)}
        self._gone.update({(namespace, uid): True for uid in kept - there})
        return run_uid not in there


def _kept(cache: Cache, namespace: str) -> set[str]:
    """Return the UIDs of the runs for which a Job or a pod is kept."""
    raws = (raw for kind in (Resource.JOB, Resource.POD) for raw in cache.list_objects(kind, namespace))
    return {label(raw, RUN_UID_LABEL) for raw in raws if has_our_finalizer(raw)}

"""The handlers that kopf calls. Each hands a changed object on; none decides, writes or keeps anything."""

import asyncio
import logging
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import kopf

from releaseflow.api.schema.base import GROUP, VERSION
from releaseflow.handlers.storage import NullDiffBaseStorage, NullProgressStorage
from releaseflow.handlers.watch_recovery import RelistOnWatchError
from releaseflow.kube.resources import OF_WORKLOADS, WATCHED, Resource
from releaseflow.runtime.manager import Manager


@dataclass(frozen=True, slots=True)
class Memo:
    """What kopf gives to each handler; small, since it copies this for each object."""

    manager: Manager


@kopf.on.startup()
async def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Make kopf quick to recover and silent, and let it write nothing into any object."""
    settings.networking.error_backoffs = [0.1, 0.2, 0.4, 0.8, *[1.0] * 600]  # never more than 1 s late, for ten minutes
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = settings.watching.connect_timeout = 5
    settings.persistence.finalizer = f"{GROUP}/never-used-by-kopf"
    settings.persistence.diffbase_storage = NullDiffBaseStorage()
    settings.persistence.progress_storage = NullProgressStorage()
    settings.posting.enabled = False
    settings.posting.level = logging.CRITICAL
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    for watched in WATCHED:
        if watched.selector:  # the API server selects: a selector of a handler would miss that an object lost its label
            settings.watching.label_selectors[watched.group, watched.version, watched.plural] = watched.selector


@kopf.on.login()
async def login(memo: Memo, **_: Any) -> kopf.AiohttpSession:
    """Open a session for the watches, on which an error is no end."""
    connection = memo.manager.connection
    session = connection.session(RelistOnWatchError(memo.manager.relist_needed.set))
    return kopf.AiohttpSession(server=connection.server, aiohttp_session=session)


@kopf.on.event(GROUP, VERSION, "releaseflows", param=Resource.FLOW)
@kopf.on.event(GROUP, VERSION, "migrationruns", param=Resource.RUN)
@kopf.on.event("batch", "v1", "jobs", param=Resource.JOB)
@kopf.on.event("v1", "pods", param=Resource.POD)
async def on_event(event: kopf.RawEvent, memo: Memo, param: Any = None, **_: Any) -> None:
    """Hand on an object that was added, modified or deleted, or lost the label that its watch selects."""
    memo.manager.informer.on_event(param, dict(event["object"]), gone=event["type"] == "DELETED")


@kopf.on.cleanup()
async def end(memo: Memo, **_: Any) -> None:
    """Report that nothing is watched from here on: the process is not ready, and ends."""
    memo.manager.watching.clear()
    memo.manager.watches_ended.set()


def handle_workloads(unserved: AbstractSet[Resource] = frozenset()) -> None:
    """Have the kinds of workloads handled, but for those that the cluster does not serve: kopf warns of each."""
    for workload in OF_WORKLOADS:
        if workload not in unserved:
            kopf.on.event(workload.group, workload.version, workload.plural, param=workload)(on_event)


async def watch(manager: Manager, stop: asyncio.Event) -> None:
    """Let kopf watch, and call these handlers, until stop is set."""
    handle_workloads(manager.informer.unserved)
    await kopf.operator(
        memo=Memo(manager),
        standalone=True,
        clusterwide=not manager.config.namespaces,
        namespaces=manager.config.namespaces,
        ready_flag=manager.watching,
        stop_flag=stop,
    )

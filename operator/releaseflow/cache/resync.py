"""List everything again, periodically and after a watch broke: a watch can miss a deletion, or go silent."""

import asyncio
import random
from contextlib import suppress

import structlog

from releaseflow.cache.informer import Informer
from releaseflow.kube.client import Client
from releaseflow.kube.errors import ApiError
from releaseflow.kube.resources import WATCHED, Resource

log = structlog.get_logger()

RESYNC_PERIOD = 300.0
"""Longest time between two listings, in seconds."""
SHORTEST_RESYNC_PERIOD = 5.0
"""Shortest time between two listings, in seconds: one thing that breaks a watch often breaks them all."""


async def list_everything(
    kube: Client, informer: Informer, namespaces: tuple[str, ...], operator_namespace: str
) -> None:
    """List each kind once in each served namespace, and the Leases of the operator's own."""
    places = [(kind, namespace) for kind in WATCHED for namespace in namespaces or ("",)]
    places.append((Resource.LEASE, operator_namespace))
    await asyncio.gather(*(informer.relist(kube, kind, namespace) for kind, namespace in places))


async def resync_periodically(
    kube: Client, informer: Informer, namespaces: tuple[str, ...], operator_namespace: str, lost: asyncio.Event
) -> None:
    """List everything for ever: at long intervals, and soon after a watch was lost.

    Raises:
        HistoryRewoundError: The API server knows less than it did.
        KindServedError: A kind is served that was not.
    """
    while True:
        await asyncio.sleep(SHORTEST_RESYNC_PERIOD)
        with suppress(TimeoutError):
            async with asyncio.timeout(RESYNC_PERIOD * random.uniform(0.9, 1.1)):  # noqa: S311
                await lost.wait()
        lost.clear()
        try:
            await list_everything(kube, informer, namespaces, operator_namespace)
        except ApiError as error:
            lost.set()
            log.warning("list_failed", why=str(error))

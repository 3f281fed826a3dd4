"""List everything now and then, and where a watch lost its thread: it can miss a deletion, or go silent."""

import asyncio
import random
from contextlib import suppress

import structlog

from releaseflow.cache.informer import Feed
from releaseflow.kube.client import Kube
from releaseflow.kube.errors import ApiError
from releaseflow.kube.resources import WATCHED, Kind

log = structlog.get_logger()

EVERY = 300.0
"""Longest time between two listings, in seconds."""
PAUSE = 5.0
"""Shortest time between two listings, in seconds: one thing that breaks a watch often breaks them all."""


async def list_everything(kube: Kube, feed: Feed, namespaces: tuple[str, ...], operator_namespace: str) -> None:
    """List each kind once in each served namespace, and the Leases of the operator's own."""
    places = [(kind, namespace) for kind in WATCHED for namespace in namespaces or ("",)]
    places.append((Kind.LEASE, operator_namespace))
    await asyncio.gather(*(feed.list_anew(kube, kind, namespace) for kind, namespace in places))


async def list_now_and_then(
    kube: Kube, feed: Feed, namespaces: tuple[str, ...], operator_namespace: str, lost: asyncio.Event
) -> None:
    """List everything for ever: at long intervals, and soon after a watch was lost.

    Raises:
        HistoryRewoundError: The API server knows less than it did.
    """
    while True:
        await asyncio.sleep(PAUSE)
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY * random.uniform(0.9, 1.1)):  # noqa: S311
                await lost.wait()
        lost.clear()
        try:
            await list_everything(kube, feed, namespaces, operator_namespace)
        except ApiError as error:
            lost.set()
            log.warning("listing_failed", why=str(error))

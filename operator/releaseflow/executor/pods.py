"""The pod that a command is executed in: a ready one of the workload, with exactly the image that is wanted."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from releaseflow.executor.settings import Settings
from releaseflow.unstructured import Object, get_bool, get_list, get_str, is_condition_true, is_deleting, name_of
from releaseflow.workloads.registry import WORKLOADS

WAIT_SECONDS = 60.0
"""How long a ready pod is waited for: a flow has seen its rollout, and another one may be starting."""
POLL_SECONDS = 2.0
_TIMEOUT = aiohttp.ClientTimeout(total=20)
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@dataclass(frozen=True)
class Place:
    """A container that a command is executed in."""

    pod: str
    container: str
    image: str
    image_id: str


class NoPodError(Exception):
    """There is no pod to execute in, or it may not be looked for."""


async def find_pod(session: aiohttp.ClientSession, server: str, settings: Settings) -> Place:
    """Wait for a pod to execute in, and return it with its container.

    Raises:
        NoPodError: There was none in time, or the ServiceAccount may not list pods.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + WAIT_SECONDS
    while True:
        why = f"no pod of {settings.kind} {settings.name} is ready with {settings.image}"
        try:
            pods = await _pods(session, f"{server}/api/v1/namespaces/{settings.namespace}/pods")
        except (aiohttp.ClientError, TimeoutError) as error:
            why, pods = f"the API server does not answer: {str(error) or type(error).__name__}", []
        places = sorted(place for pod in pods for place in places_in(pod, settings))
        if places:
            return places[0][1]
        if loop.time() + POLL_SECONDS > until:
            raise NoPodError(why)
        await asyncio.sleep(POLL_SECONDS)


def places_in(pod: Object, settings: Settings) -> list[tuple[str, Place]]:
    """Return the containers of a pod that a command may be executed in, each with what it is sorted by."""
    if is_deleting(pod) or not is_condition_true(pod, "Ready"):
        return []
    if WORKLOADS[settings.kind].name_of_owner(pod) != settings.name:
        return []
    statuses = {get_str(status, "name"): status for status in get_list(pod, "status", "containerStatuses")}
    found: list[tuple[str, Place]] = []
    for container in get_list(pod, "spec", "containers"):
        name, image = get_str(container, "name"), get_str(container, "image")
        wanted = name == (settings.container or name) and image == settings.image
        if wanted and get_bool(statuses.get(name), "ready"):
            found.append((name_of(pod), Place(name_of(pod), name, image, get_str(statuses[name], "imageID"))))
    return found[:1]


async def _pods(session: aiohttp.ClientSession, url: str) -> list[Any]:
    """List the pods of a namespace.

    Raises:
        NoPodError: They may not be listed.
        aiohttp.ClientError: The API server did not answer, or with an error.
    """
    async with session.get(url, timeout=_TIMEOUT) as answer:
        if answer.status in _REFUSED:
            raise NoPodError(f"the ServiceAccount may not list pods in this namespace ({answer.status})")
        answer.raise_for_status()
        return get_list(await answer.json(), "items")

"""Looks whenever a collection of the API changes: the loop of the node's own controllers."""

import threading
import time
from collections.abc import Callable, Iterable

from ..errors import ClusterError
from .api import Api, ApiError

LOOK_AGAIN_SECONDS = 10.0
PAUSE_SECONDS = 1.0
"""Between watches that fail, as they do until the API server lets the administrator in."""


def look_at_changes(api: Api, collections: Iterable[str], look: Callable[[], None]) -> None:
    """Run `look` at the start, at each change of a collection and periodically, for ever; what fails is tried again."""
    changed = threading.Event()
    for collection in collections:
        threading.Thread(target=ring, args=[api, collection, changed], daemon=True).start()
    while True:
        changed.wait(LOOK_AGAIN_SECONDS)
        changed.clear()
        try:
            look()
        except (OSError, ApiError, ClusterError) as error:
            print(error, flush=True)


def ring(api: Api, collection: str, changed: threading.Event) -> None:
    """Ring the bell at each change of a collection; a watch that is refused is tried again, after a pause."""
    while True:
        try:
            for _ in api.changes(collection):
                changed.set()
        except (OSError, ApiError) as error:
            print(error, flush=True)
            time.sleep(PAUSE_SECONDS)

"""Watches by kopf: doorbells only. It writes nothing, decides nothing, and keeps nothing."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

import kopf
from typing_extensions import override

from releaseflow.api.schema.base import GROUP
from releaseflow.cache.informer import Informer
from releaseflow.handlers.watch_recovery import RelistOnWatchError
from releaseflow.kube.connection import Connection
from releaseflow.kube.resources import WATCHED, Resource

_BACK_OFFS = [0.1, 0.2, 0.4, 0.8, *[1.0] * 600]
"""Ten minutes of tries, and never more than a second behind the API server's return."""


class NullDiffBaseStorage(kopf.DiffBaseStorage):
    """Stores and copies nothing: kopf must not compare objects here."""

    @override
    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:  # kopf's signature
        """Return nothing."""
        return kopf.BodyEssence({})

    @override
    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:  # kopf's signature
        """Find nothing."""
        return None

    @override
    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Store nothing."""


class NullProgressStorage(kopf.ProgressStorage):
    """Stores nothing: no handler here has any progress."""

    @override
    def fetch(self, *, key: str, body: kopf.Body) -> Any:  # kopf's signature
        """Find nothing."""
        return None

    @override
    def store(self, **_: Any) -> None:
        """Store nothing."""

    @override
    def purge(self, **_: Any) -> None:
        """Have nothing to remove."""

    @override
    def touch(self, **_: Any) -> None:
        """Touch nothing."""

    @override
    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """Return what was given."""
        return essence


def registry(informer: Informer, connection: Connection, lost: Callable[[], None]) -> kopf.OperatorRegistry:
    """Return kopf's handlers: one doorbell for each kind; lost is called where a watch may have missed something."""
    found = kopf.OperatorRegistry()

    async def login(**_: Any) -> kopf.AiohttpSession:
        session = connection.session(RelistOnWatchError(lost))
        return kopf.AiohttpSession(server=connection.server, aiohttp_session=session)

    kopf.on.login(registry=found, id="login")(login)
    for kind in WATCHED:
        group, _, version = kind.api_version.rpartition("/")
        kopf.on.event(group, version, kind.plural, registry=found, id=kind.plural)(_doorbell(informer, kind))
    return found


def settings() -> kopf.OperatorSettings:
    """Return kopf's settings: quick to recover, silent, and with nothing of its own on anybody's objects."""
    found = kopf.OperatorSettings()
    found.networking.error_backoffs = _BACK_OFFS
    found.networking.request_timeout = 30
    found.networking.connect_timeout = 5
    found.watching.connect_timeout = 5
    found.persistence.finalizer = f"{GROUP}/never-used-by-kopf"
    found.persistence.diffbase_storage = NullDiffBaseStorage()
    found.persistence.progress_storage = NullProgressStorage()
    found.posting.enabled = False
    found.posting.level = logging.CRITICAL
    found.scanning.disabled = True
    found.process.ultimate_exiting_timeout = None
    for kind in WATCHED:
        if kind.selector:
            group, _, version = kind.api_version.rpartition("/")
            found.watching.label_selectors[group, version, kind.plural] = kind.selector
    return found


def _doorbell(informer: Informer, kind: Resource) -> Callable[..., Coroutine[Any, Any, None]]:
    async def ring(event: kopf.RawEvent, **_: Any) -> None:
        informer.on_event(kind, dict(event["object"]), gone=event["type"] == "DELETED")

    return ring

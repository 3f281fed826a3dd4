"""Storages for kopf that store nothing: it compares no objects here, and no handler has any progress."""

from typing import Any

import kopf
from typing_extensions import override


class NullDiffBaseStorage(kopf.DiffBaseStorage):
    """Stores and copies nothing of an object."""

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
    """Stores no progress of handlers."""

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

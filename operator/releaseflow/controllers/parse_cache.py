"""Parse an object once: the cache returns the same one until it changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import LRUCache

from releaseflow.unstructured import Object, uid_of

ParsedT = TypeVar("ParsedT")

_REMEMBERED = 512


class ParseCache(Generic[ParsedT]):
    """Keeps the parsed form of the objects that were read last."""

    def __init__(self, parse: Callable[[Object], ParsedT]) -> None:
        self._parse = parse
        self._known: LRUCache[str, tuple[Object, ParsedT]] = LRUCache(_REMEMBERED)

    def read(self, raw: Object) -> ParsedT:
        """Return what an object is parsed to; a copy, or another version of it, is parsed again."""
        known = self._known.get(uid_of(raw))
        if known is not None and known[0] is raw:
            return known[1]
        parsed = self._parse(raw)
        self._known[uid_of(raw)] = (raw, parsed)
        return parsed

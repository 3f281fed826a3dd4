"""A queue of keys: each is worked on by one worker at a time, waits at most once, and namespaces take turns.

Within a namespace the keys in progress go before the others: a thousand releases that were ordered at once end one
after the other, not all at the very end.
"""

import asyncio
import random
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, Protocol, TypeVar


class Namespaced(Hashable, Protocol):
    """A key that says in which namespace its object is."""

    @property
    def namespace(self) -> str:
        """The namespace."""


KeyT = TypeVar("KeyT", bound=Namespaced)

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 30.0
"""Seconds before a key is tried again after an error: doubled each time."""
LOW_PRIORITY_EVERY = 16
"""Of so many keys that are taken of a namespace, one is not in progress, so that none waits for ever."""


@dataclass
class _Ready(Generic[KeyT]):
    """The keys of one namespace that are ready."""

    in_progress: deque[KeyT] = field(default_factory=deque)
    others: deque[KeyT] = field(default_factory=deque)
    _turns: int = 0

    def __bool__(self) -> bool:
        return bool(self.in_progress or self.others)

    def pop(self) -> KeyT:
        """Take the next key."""
        self._turns += 1
        first, second = self.in_progress, self.others
        if self._turns % LOW_PRIORITY_EVERY == 0:
            first, second = second, first
        return (first or second).popleft()


class WorkQueue(Generic[KeyT]):
    """Keys to reconcile: now, after a delay, or after a growing back-off."""

    def __init__(
        self,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311
        waited: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """Make an empty queue.

        Args:
            jitter: Factor of each pause.
            waited: Called with the seconds that a key was ready before a worker took it.
        """
        self._ready: OrderedDict[str, _Ready[KeyT]] = OrderedDict()
        self._count_of_ready = asyncio.Semaphore(0)
        self._waiting: set[KeyT] = set()
        self._busy: set[KeyT] = set()
        self._in_progress: set[KeyT] = set()
        self._failures: dict[KeyT, int] = {}
        self._timers: dict[KeyT, asyncio.TimerHandle] = {}
        self._ready_since: dict[KeyT, float] = {}
        self._jitter = jitter
        self._waited = waited

    def add(self, key: KeyT) -> None:
        """Enqueue a key. If it is being processed, it runs again afterwards."""
        if key not in self._waiting:
            self._waiting.add(key)
            if key not in self._busy:
                self._put(key)

    async def get(self) -> KeyT:
        """Wait for a key, and take it; namespaces take turns."""
        await self._count_of_ready.acquire()
        namespace, keys = self._ready.popitem(last=False)
        key = keys.pop()
        if keys:
            self._ready[namespace] = keys
        self._waiting.discard(key)
        self._busy.add(key)
        self._cancel_timer(key)
        self._waited(monotonic() - self._ready_since.pop(key))
        return key

    def mark_observed(self, key: KeyT) -> None:
        """Drop the repeat of a key that is being processed: the pass that begins now sees all events so far."""
        self._waiting.discard(key)

    def done(self, key: KeyT) -> None:
        """Mark a key as processed; it runs again if it was added meanwhile."""
        self._busy.discard(key)
        if key in self._waiting:
            self._put(key)

    def forget(self, key: KeyT) -> None:
        """Forget the errors of a key, and that it was in progress."""
        self._failures.pop(key, None)
        self._in_progress.discard(key)

    def add_after(self, key: KeyT, seconds: float, *, in_progress: bool = False) -> None:
        """Enqueue a key after a delay, which replaces any delay that was set before.

        Args:
            key: The key.
            seconds: The delay.
            in_progress: Whether it goes before the keys of its namespace that are not, until it is forgotten.
        """
        if in_progress:
            self._in_progress.add(key)
        self._set_timer(key, seconds)

    def add_rate_limited(self, key: KeyT, at_least: float = 0.0) -> None:
        """Enqueue a key after a back-off that grows with each error in a row."""
        count = self._failures[key] = self._failures.get(key, 0) + 1
        pause = min(FIRST_BACK_OFF * 2.0 ** min(count, 16), LONGEST_BACK_OFF) * self._jitter()
        self._set_timer(key, max(pause, at_least))

    @property
    def depth(self) -> int:
        """How many keys wait for a worker."""
        return len(self._ready_since)

    def __len__(self) -> int:
        return len(self._waiting) + len(self._busy)

    def _put(self, key: KeyT) -> None:
        ready = self._ready.setdefault(key.namespace, _Ready())
        (ready.in_progress if key in self._in_progress else ready.others).append(key)
        self._ready_since[key] = monotonic()
        self._count_of_ready.release()

    def _set_timer(self, key: KeyT, seconds: float) -> None:
        self._cancel_timer(key)
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._due, key)

    def _due(self, key: KeyT) -> None:
        self._timers.pop(key, None)
        self.add(key)

    def _cancel_timer(self, key: KeyT) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

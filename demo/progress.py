"""Follows what happens: takes in what the cluster reports, prints it, and waits for what must come."""

import time
from collections.abc import Callable
from queue import Empty

from demo.errors import DemoError
from demo.objects import Flow, holds
from demo.setup import NAMESPACE
from demo.state import ReleaseState
from demo.terminal import Terminal
from demo.watches import Watches

RELEASE_SECONDS = 180.0
BEAT_SECONDS = 0.25


class Progress:
    """The one place that takes from the queue, always on the main thread."""

    def __init__(self, screen: Terminal, scene: ReleaseState, watches: Watches) -> None:
        self.screen = screen
        self.scene = scene
        self.watches = watches

    @property
    def flow(self) -> Flow:
        """The flow, as it was last seen.

        Raises:
            DemoError: It was not seen yet.
        """
        if self.scene.flow is None:
            raise DemoError(f"the ReleaseFlow is not there; see: kubectl get rflow -n {NAMESPACE}")
        return self.scene.flow

    def ended(self, after: int) -> bool:
        """Whether a release with a higher number than `after` came to its end, good or bad."""
        flow = self.scene.flow
        if flow is None or not flow.seen or flow.sequence <= after:
            return False
        return holds(flow.conditions, "Ready") or holds(flow.conditions, "Stalled")

    def until(self, reached: Callable[[], bool], what: str) -> None:
        """Take in what happens until something is reached.

        Raises:
            DemoError: It takes too long.
        """
        deadline = time.monotonic() + RELEASE_SECONDS
        while not reached():
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{what}: not within {RELEASE_SECONDS:.0f} s. See: kubectl get rflow,mrun,pods -n {NAMESPACE}\n"
                    "and: kubectl logs -n releaseflow-system deployment/releaseflow --all-pods"
                )
            self.take_in()

    def look(self, seconds: float) -> None:
        """Take in what happens for some time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.take_in()

    def take_in(self) -> None:
        """Take in what the cluster reported, or wait a moment for it."""
        try:
            heard = self.watches.queue.get(timeout=BEAT_SECONDS)
        except Empty:
            self.screen.refresh()
            return
        for line in self.scene.see(heard.what):
            self.screen.tell(line, heard.at)
        if self.watches.queue.empty():
            self.screen.refresh()

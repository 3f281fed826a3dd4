"""Threads that put each change in the cluster into one queue, with the time at which the watch delivered it."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue

from demo.commands import Cluster
from demo.objects import Gone, Raw, Seen, event, flow, pod, run
from demo.visits import Sent, Visit, line

Parse = Callable[[Raw], Seen]


@dataclass(frozen=True)
class Heard:
    """A change that a watch delivered; `at` is a time of the monotonic clock."""

    at: float
    what: Seen | Gone | Visit | Sent


class Watches:
    """Everything that is listened to; only the main thread takes from the queue."""

    def __init__(self, cluster: Cluster) -> None:
        self.queue: SimpleQueue[Heard] = SimpleQueue()
        self._cluster = cluster
        self._programs: list[subprocess.Popen[str]] = []

    def open(self) -> None:
        """Watch flows, runs, pods and Events of the namespace."""
        self._watch("apis/releaseflow.dev/v1alpha1", "releaseflows", flow)
        self._watch("apis/releaseflow.dev/v1alpha1", "migrationruns", run)
        self._watch("api/v1", "pods", pod)
        self._watch("api/v1", "events", event)

    def follow(self, pod_name: str) -> None:
        """Follow the visitor's log."""
        self._listen(["logs", "--follow", f"pod/{pod_name}"], self._visits)

    def close(self) -> None:
        """End the programs that listen."""
        for program in self._programs:
            program.terminate()
            program.wait()

    def _watch(self, group: str, kind: str, parse: Parse) -> None:
        path = f"/{group}/namespaces/{self._cluster.namespace}/{kind}?watch=true"
        self._listen(["get", "--raw", path], lambda lines: self._changes(lines, parse))

    def _listen(self, words: list[str], read: Callable[[Iterable[str]], None]) -> None:
        program = subprocess.Popen(  # noqa: S603 (the demo's own words)
            self._cluster.words(*words),
            env=self._cluster.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._programs.append(program)
        threading.Thread(target=read, args=[program.stdout], daemon=True).start()

    def _changes(self, lines: Iterable[str], parse: Parse) -> None:
        for text in lines:
            change = json.loads(text)
            if change["type"] in {"ADDED", "MODIFIED"}:
                self._put(parse(change["object"]))
            elif change["type"] == "DELETED":
                self._put(Gone(parse(change["object"])))

    def _visits(self, lines: Iterable[str]) -> None:
        for text in lines:
            said = line(text)
            if said is not None:
                self._put(said)

    def _put(self, what: Seen | Gone | Visit | Sent) -> None:
        self.queue.put(Heard(time.monotonic(), what))

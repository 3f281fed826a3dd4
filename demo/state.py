"""What is known of the release at this moment, and which changes are worth a line. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from demo.objects import Condition, Event, Flow, Gone, Pod, Run, Seen, holds, named
from demo.visits import Sent, Visit

NOT_GATES = frozenset({"Succeeded", "Ready", "Reconciling", "Stalled"})
OPENED = "Opened"
STATES = ("ready", "starting", "leaving")
UNTOLD = frozenset({"Pending", "Running"})
"""Phases between two containers of a step."""
SHOP = "shop-"
NO_PODS = "none"


class Tone(StrEnum):
    """How a line is meant; also its style on a terminal."""

    PLAIN = "default"
    GOOD = "green"
    BAD = "red"


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    who: str
    what: str
    tone: Tone = Tone.PLAIN


class ReleaseState:
    """The newest state of everything that is watched."""

    def __init__(self) -> None:
        self.flow: Flow | None = None
        self.runs: dict[str, Run] = {}
        self.pods: dict[str, Pod] = {}
        self.visits: list[Visit] = []
        self._printed_events: set[str] = set()
        self._pods_line = NO_PODS

    def see(self, what: Seen | Gone | Visit | Sent) -> Iterator[Line]:
        """Take a change in, and yield what is worth showing."""
        match what:
            case Flow():
                yield from changes("flow", self.flow.conditions if self.flow else (), what.conditions, {"Ready"})
                self.flow = what
            case Run():
                yield from self._run(what)
            case Pod():
                yield from self._pod(what)
            case Event():
                yield from self._event(what)
            case Gone():
                yield from self._gone(what.seen)
            case Visit():
                yield from self._visit(what)
            case Sent():
                pass
            case _:
                assert_never(what)

    @property
    def run(self) -> Run | None:
        """The newest run."""
        return max(self.runs.values(), key=lambda run: run.sequence, default=None)

    @property
    def shop_pods(self) -> list[Pod]:
        """The shop's own pods."""
        return [pod for pod in self.pods.values() if pod.name.startswith(SHOP) and not pod.step]

    def _run(self, run: Run) -> Iterator[Line]:
        before = self.runs[run.name].conditions if run.name in self.runs else ()
        gates = {gate.type for gate in run.conditions if gate.status != "Unknown"} - NOT_GATES
        yield from changes("run", before, run.conditions, gates)
        self.runs[run.name] = run

    def _pod(self, pod: Pod) -> Iterator[Line]:
        before = self.pods.get(pod.uid)
        self.pods[pod.uid] = pod
        if pod.step and pod.doing not in UNTOLD and (before is None or before.doing != pod.doing):
            yield Line("step", f"{pod.step} with {pod.image}: {pod.doing}")
        yield from self._summary()

    def _gone(self, seen: Seen) -> Iterator[Line]:
        if isinstance(seen, Pod):
            self.pods.pop(seen.uid, None)
            yield from self._summary()
        elif isinstance(seen, Run):
            self.runs.pop(seen.name, None)

    def _summary(self) -> Iterator[Line]:
        now = pods_by_version(self.shop_pods)
        if now != self._pods_line:
            self._pods_line = now
            yield Line("pods", now)

    def _event(self, event: Event) -> Iterator[Line]:
        new = event.uid not in self._printed_events
        self._printed_events.add(event.uid)
        if new and event.by_us and event.about.startswith("Deployment/"):
            note = f"{event.about}  {event.reason}: {first_sentence(event.message)}"
            yield Line("event", note, Tone.BAD if event.warning else Tone.PLAIN)

    def _visit(self, visit: Visit) -> Iterator[Line]:
        known = any(earlier.version == visit.version for earlier in self.visits)
        self.visits.append(visit)
        if not visit.answered:
            yield Line("visitors", f"request {visit.number} FAILED: status {visit.status} {visit.error}", Tone.BAD)
        elif not known:
            yield Line("visitors", f"the first answer of {visit.version}, to request {visit.number}", Tone.GOOD)


def changes(who: str, before: tuple[Condition, ...], after: tuple[Condition, ...], kinds: set[str]) -> Iterator[Line]:
    """Yield a line for each condition of these kinds that says something else than before."""
    for condition in after:
        old = named(before, condition.type)
        same = old is not None and (old.status, old.reason) == (condition.status, condition.reason)
        if condition.type in kinds and not same:
            yield Line(who, said(condition), tone(condition, stalled=holds(after, "Stalled")))


def said(condition: Condition) -> str:
    """Return a condition in one line, without the commands that its message goes on to name."""
    message = first_sentence(condition.message)
    reason = "" if condition.reason == OPENED else condition.reason
    why = ": ".join(part for part in (reason, message) if part)
    return f"{condition.type}={condition.status}  {why}".rstrip()


def first_sentence(message: str) -> str:
    """Return a message up to its first full stop."""
    return message.split(". ", 1)[0]


def tone(condition: Condition, *, stalled: bool) -> Tone:
    """Return how a condition is meant."""
    if condition.status == "True":
        return Tone.GOOD
    return Tone.BAD if stalled else Tone.PLAIN


def pods_by_version(pods: list[Pod]) -> str:
    """Return how many pods of each version are in which state."""
    states: dict[str, Counter[str]] = {}
    for pod in sorted(pods, key=lambda pod: (pod.version, STATES.index(state(pod)))):
        states.setdefault(pod.version, Counter())[state(pod)] += 1
    each = (f"{version} {said_of(counted)}" for version, counted in states.items())
    return "; ".join(each) or NO_PODS


def said_of(counted: Counter[str]) -> str:
    """Return counted states in words."""
    return ", ".join(f"{count} {how}" for how, count in counted.items())


def state(pod: Pod) -> str:
    """Return the state of a pod in one word."""
    if pod.leaving:
        return "leaving"
    return "ready" if pod.ready else "starting"

"""Breadth first through all that can happen: every state once, every promise at every write, rest from everywhere."""

import gc
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from tests.model import controllers, users
from tests.model.liveness import Rests
from tests.model.objects import Kind
from tests.model.operators import arrived, intents
from tests.model.scenario import Scenario
from tests.model.state import GHOSTS, Change, State, exchanged, informed

PROGRESS_EVERY = 100_000
"""States."""


class Move(NamedTuple):
    """One thing that may happen next in a world."""

    change: Change
    after: State


def moves(state: State, scenario: Scenario) -> Iterator[Move]:
    """Return everything that may happen next."""
    allowed = _allowed(state.cluster.ghost, scenario)
    for operator in range(scenario.operators):
        yield from _refreshed(state, operator)
        yield from _operator(state, operator, scenario, allowed)
    if state.late:
        yield from _network(state)
    for change in controllers.changes(state.cluster):
        if not change.trouble:
            yield Move(change, State(change.after, state.views, state.late))
        elif change.trouble in allowed:
            yield _troubled(change, State(change.after, state.views, state.late))
    for trouble in sorted(allowed & users.TROUBLES.keys()):
        for change in users.changes(state.cluster, trouble):
            yield _troubled(change, State(change.after, state.views, state.late))


@cache
def _allowed(ghost: int, scenario: Scenario) -> frozenset[str]:
    """Return which kinds of trouble may still happen."""
    spent = dict(GHOSTS[ghost].spent)
    if sum(spent.values()) >= scenario.at_most:
        return frozenset()
    return frozenset(name for name, most in scenario.troubles if spent.get(name, 0) < most)


def _troubled(change: Change, after: State) -> Move:
    """Count some trouble."""
    ghost = GHOSTS[after.cluster.ghost].after(change.trouble)
    return Move(change, State(after.cluster.with_ghost(ghost), after.views, after.late))


def _refreshed(state: State, operator: int) -> Iterator[Move]:
    """Let each watch of an operator show it how things stand now."""
    view, store = state.views[operator], state.cluster.store
    if view == store:
        return
    for kind in Kind:
        if view[kind] != store[kind]:
            change = Change(f"operator {operator}", f"sees {kind.name.lower()}s", state.cluster)
            yield Move(change, state.seen_by(operator, exchanged(view, kind, store[kind])))


def _operator(state: State, operator: int, scenario: Scenario, allowed: frozenset[str]) -> Iterator[Move]:
    """Let an operator write; the answer may be lost, the write may be late, and the operator may crash."""
    who, view = f"operator {operator}", state.views[operator]
    for intent in intents(state.cluster, view):
        write = intent.write
        if write is None:
            continue
        change = arrived(state.cluster, write)
        if change is not None:
            after = State(change.after, state.views, state.late)
            seen = informed(intent.view, change.after.store, write.kind, frozenset({write.name}))
            yield Move(change._replace(who=who), after.seen_by(operator, seen))
            if "answer lost" in allowed:
                lost = change._replace(who=who, what=f"{change.what}, and gets no answer", trouble="answer lost")
                yield _troubled(lost, after.seen_by(operator, intent.view))
        if "late" in allowed and len(state.late) < scenario.late_at_once and write not in state.late:
            what = f"sends {write.by} {write.kind.name.lower()} {write.name}, and stops waiting"
            late = State(state.cluster, state.views, tuple(sorted((*state.late, write), key=repr)))
            move = _troubled(Change(who, what, state.cluster, "late"), late.seen_by(operator, intent.view))
            ghost = GHOSTS[move.after.cluster.ghost]._replace(orderly=False)
            yield move._replace(after=move.after._replace(cluster=move.after.cluster.with_ghost(ghost)))
    if "crash" in allowed and view != state.cluster.store:
        change = Change(who, "crashes and starts", state.cluster, "crash")
        yield _troubled(change, state.seen_by(operator, state.cluster.store))


def _network(state: State) -> Iterator[Move]:
    """Let late writes arrive, or never."""
    for number, write in enumerate(state.late):
        rest = (*state.late[:number], *state.late[number + 1 :])
        what = f"{write.by} {write.kind.name.lower()} {write.name}"
        yield Move(Change("the network", f"loses {what}", state.cluster), State(state.cluster, state.views, rest))
        change = arrived(state.cluster, write)
        if change is not None:
            change = change._replace(who="the network", what=f"delivers {what} late")
            yield Move(change, State(change.after, state.views, rest))


@dataclass
class Found:
    """What an exploration has found."""

    scenario: Scenario
    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    complete: bool = False
    most_steps_to_rest: int = 0
    broken: str = ""
    """The first promise that was found broken."""
    path: list[int] = field(default_factory=list)
    """The moves that lead there, by their number at each state."""

    @property
    def summary(self) -> str:
        """What was explored, in a line."""
        rate = self.states / self.seconds if self.seconds else 0.0
        end = "complete" if self.complete else "broken" if self.broken else "cut off"
        return (
            f"{self.states:,} states, {self.transitions:,} transitions, depth {self.depth}, {end}, "
            f"at most {self.most_steps_to_rest} steps to rest; {self.seconds:.0f} s, {rate:,.0f} states a second"
        )


class Search:
    """Explores a scenario; the way to each state is kept as a number, so that a story can be told."""

    def __init__(self, scenario: Scenario, *, most_states: int = 10**9, progress: bool = False) -> None:
        self.scenario, self.most, self.progress = scenario, most_states, progress
        self._before, self._number = array("q"), array("B")
        self._seen: set[int] = set()
        self._rests = Rests(scenario.flows, scenario.more_steps)

    def run(self) -> Found:
        """Explore until everything is known, the limit is reached, or a promise is broken.

        Nothing here refers to itself, so the collector of cycles is left out: it would walk millions of states in vain.
        """
        gc.disable()
        try:
            return self._run()
        finally:
            gc.enable()

    def _run(self) -> Found:
        found, began = Found(self.scenario), time.monotonic()
        layer = [(self.scenario.begin(), self._add(-1, 0))]
        self._seen.add(hash(layer[0][0]))
        while layer and not found.broken and found.states < self.most:
            layer = self._next_layer(layer, found, began)
            found.depth += 1
        found.seconds = time.monotonic() - began
        found.complete = not layer and not found.broken
        found.most_steps_to_rest = self._rests.most
        return found

    def _next_layer(self, layer: list[tuple[State, int]], found: Found, began: float) -> list[tuple[State, int]]:
        fresh: list[tuple[State, int]] = []
        for state, index in layer:
            found.states += 1
            if self.progress and found.states % PROGRESS_EVERY == 0:
                rate = found.states / (time.monotonic() - began)
                where = f"{found.states:,} states, {rate:,.0f} a second, depth {found.depth}"
                print(f"  {self.scenario.name}: {where}", flush=True)
            trouble = self._rests.trouble_from(state.cluster)
            if trouble:
                self._tell(found, index, trouble)
                return []
            for number, move in enumerate(moves(state, self.scenario)):
                found.transitions += 1
                if move.change.broken:
                    self._tell(found, index, move.change.broken, number)
                    return []
                key = hash(move.after)
                if key not in self._seen:
                    self._seen.add(key)
                    fresh.append((move.after, self._add(index, number)))
        return fresh

    def _add(self, before: int, number: int) -> int:
        self._before.append(before)
        self._number.append(number)
        return len(self._before) - 1

    def _tell(self, found: Found, index: int, broken: str, *last: int) -> None:
        path = list(last)
        while index > 0:
            path.append(self._number[index])
            index = self._before[index]
        found.broken, found.path = broken, path[::-1]

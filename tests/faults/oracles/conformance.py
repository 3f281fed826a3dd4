"""Trace conformance: every write is one that the production code makes from what could be seen before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain, islice, product

from releaseflow.controllers.request import ReconcileRequest
from releaseflow.kube.errors import ApiError, error_of
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.workloads.registry import WORKLOADS
from tests.faults.oracles.changes import State
from tests.faults.oracles.replay import KINDS, Replay, Sent, sent
from tests.faults.proxy.record import Exchange, Record
from tests.faults.proxy.request import Family, ProxiedRequest
from tests.faults.simulator.history import ERA, History, Raw

REFUSED = frozenset({403, 422})
"""What an operator reports, and tries again after a pause."""
OUTDATED = frozenset({404, 409})
"""Answers to a write that was decided from views that lag, each as it likes: nothing comes of it."""
NAMESPACE = Resource.NAMESPACE.singular
SLACK_SECONDS = 0.5
"""By how much later than the operator we may see a change."""
NEWEST = 12
"""So many of the last states may have been the newest when a write came in that was refused."""
_VERBS = {"GET": Verb.GET, "POST": Verb.CREATE, "PUT": Verb.REPLACE, "DELETE": Verb.DELETE}
_ABOUT: dict[str, tuple[Resource, ...]] = {
    "ReleaseFlow": (Resource.FLOW,),
    **dict.fromkeys(WORKLOADS, (Resource.FLOW,)),
    "MigrationRun": (Resource.RUN, Resource.FLOW),
    "Lease": (Resource.RUN,),
    "Job": (Resource.RUN, Resource.JOB),
    "Pod": (Resource.RUN, Resource.POD),
}
"""Whose step writes to a kind."""


@dataclass
class Replays:
    """Everything that ever could be seen in the namespaces of one plan."""

    states: list[State] = field(default_factory=lambda: [{}])
    """As things stood, the oldest first."""
    versions: list[int] = field(default_factory=lambda: [0])
    times: list[float] = field(default_factory=lambda: [0.0])

    @classmethod
    def of(cls, history: History) -> "Replays":
        """Return all pasts of a history."""
        found = cls()
        for event in history.in_order():
            state = dict(found.states[-1])
            if event.gone:
                state.pop((event.kind, event.name), None)
            else:
                state[event.kind, event.name] = event.raw
            found.states.append(state)
            found.versions.append(event.version)
            found.times.append(event.at)
        return found

    def before(self, write: Exchange) -> list[State]:
        """Return what could be seen before a write; where the store was restored, nothing of what was before that.

        A write that was not accepted may be decided from what is no more: that is why it is refused. So may a create,
        which names no version: what it makes belongs to a run that is gone, goes with it, and is suspended where it
        migrates. Before a write that made no version is what the proxy had passed on to its operator, however late we
        hear of it, and what had happened by the clock: an answer that something is not there names no version.
        """
        if not write.accepted or not write.version or write.late:
            pasts = zip(self.states, self.versions, self.times, strict=True)
            return [state for state, version, at in pasts if version <= write.shown or at <= write.at + SLACK_SECONDS]
        era = write.version // ERA * ERA if write.asked.method != "POST" else 0
        known = [state for state, version in zip(self.states, self.versions, strict=True) if version < write.version]
        return known[sum(version < era for version in self.versions) :]


def broken_by(history: History, record: Record, operator_namespace: str) -> Iterator[str]:
    """Yield writes that the production code makes from nothing that could be seen."""
    pasts = Replays.of(history)
    refused: dict[str, ApiError] = {}
    for one in record.exchanges:
        if one.asked.family is Family.WRITE and one.status not in OUTDATED:
            found = _Search(pasts, one, operator_namespace, refused.get(one.operator), _forbidden(record, one))
            if not found.succeeds():
                yield f"conformance: write {one.number} ({one.asked}): the core asks for it in no state that was"
        if one.asked.family in {Family.WRITE, Family.READ}:
            _remember(refused, one)


def _remember(refused: dict[str, ApiError], one: Exchange) -> None:
    """Keep what an operator was refused last, be it the write of an action or a read that the action needs."""
    if one.refusal is not None and one.refusal[0] in REFUSED and one.asked.kind in KINDS:
        refused[one.operator] = _error(one.asked, *one.refusal)


def _forbidden(record: Record, write: Exchange) -> tuple[str, ...]:
    """Return what an operator may not have been allowed to read: only a namespace it does without."""
    reads = (one for one in record.exchanges if one.asked.kind == NAMESPACE and one.operator == write.operator)
    answers = (one.refusal for one in reads if one.at <= write.at and one.refusal is not None)
    return ("", NAMESPACE) if any(status == HTTPStatus.FORBIDDEN for status, _ in answers) else ("",)


@dataclass(frozen=True)
class _Search:
    """Looks for a past from which a write follows: the newest first, and whole ones before those that lag in part."""

    pasts: Replays
    write: Exchange
    operator_namespace: str
    refused: ApiError | None
    forbidden: tuple[str, ...]
    """Kinds of which one may not have been readable."""

    def succeeds(self) -> bool:
        wanted = sent(self.write.asked.method, self.write.asked.path, self.write.asked.content)
        states = self.pasts.before(self.write)
        whole = ((state, state) for state in reversed(states))
        views = chain(whole, self._lagging(states), _lagging_apart(states))
        return any(self._leads_to(wanted, *view, kind) for view in views for kind in self.forbidden)

    def _leads_to(self, wanted: Sent, shown: State, store: State, forbidden: str) -> bool:
        past = Replay(shown, store, self.write.time, self.operator_namespace, forbidden)
        keys = list(_keys(store, self.write.asked))
        if any(past.would_write(key) == wanted for key in keys):
            return True
        return self.refused is not None and any(
            past.would_write(key, self.refused, pauses=pauses) == wanted for key in keys for pauses in (True, False)
        )

    def _lagging(self, states: list[State]) -> Iterator[tuple[State, State]]:
        """Yield views of which one kind stands as it did before; it may have been read live as well, a moment ago.

        When a write that was refused came in is known by the clock only: what was newest then is one of the last.
        """
        for newest in range(len(states), max(len(states) - (1 if self.write.accepted else NEWEST), 0), -1):
            store = states[newest - 1]
            for kind, mine in _older(states[:newest]):
                mixed = {**{key: raw for key, raw in store.items() if key[0] != kind}, **mine}
                yield mixed, store
                yield mixed, mixed


def _lagging_apart(states: list[State]) -> Iterator[tuple[State, State]]:
    """Yield views in which Jobs and pods lag each as it likes: when a step ends, both watches have much to tell."""
    if not states:
        return
    store = states[-1]
    rest = {key: raw for key, raw in store.items() if key[0] not in {"Job", "Pod"}}
    jobs, pods = ([mine for _, mine in islice(_older(states, [kind]), NEWEST)] for kind in ("Job", "Pod"))
    for mine in product(jobs, pods):
        mixed = {**rest, **mine[0], **mine[1]}
        yield mixed, store
        yield mixed, mixed


def _older(states: list[State], kinds: Iterable[str] = KINDS) -> Iterator[tuple[str, State]]:
    """Yield all objects of one kind as they stood together, each kind and each standing once, the newest first."""
    for kind in kinds:
        known: list[State] = []
        for state in reversed(states):
            mine = {key: raw for key, raw in state.items() if key[0] == kind}
            if mine not in known:
                known.append(mine)
                yield kind, mine


def _keys(state: State, asked: ProxiedRequest) -> Iterator[ReconcileRequest]:
    """Yield the objects whose step may have made a write."""
    for kind in _ABOUT.get(asked.kind, ()):
        for (known, name), raw in state.items():
            if known == kind.singular and (kind in {Resource.FLOW, Resource.RUN} or name == asked.name):
                yield ReconcileRequest(kind, raw["metadata"]["namespace"], name)


def _error(asked: ProxiedRequest, status: int, answer: Raw) -> ApiError:
    """Return a refusal as the operator read it."""
    verb = _VERBS.get(asked.method) or _PATCHES[asked.content_type]
    return error_of(Request(verb, KINDS[asked.kind], asked.namespace, asked.name), status, answer)


_PATCHES = {
    "application/merge-patch+json": Verb.MERGE_PATCH,
    "application/json-patch+json": Verb.JSON_PATCH,
    "application/apply-patch+yaml": Verb.APPLY,
}

"""What operators do: observe through their cache, decide, write; and what becomes of a write on its way."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from releaseflow.core.run.orphans import OrphanAction, orphan_job_action, orphan_pod_action
from tests.model import api, transitions
from tests.model.approvals import with_check
from tests.model.facts import job_facts, pod_facts
from tests.model.invariants import broken_by, with_record
from tests.model.objects import SHELVES, JobBody, Kind, PodBody, RunBody, StoredObject
from tests.model.observe import Observer, pods_of
from tests.model.state import GHOSTS, Change, ClusterState, Store, Write
from tests.model.transitions import Decided
from tests.model.writes import without_finalizer


class Intent(NamedTuple):
    """What an operator wants to write, and what its view shows after the look that led to it."""

    write: Write | None
    view: Store
    waits: bool = False
    """Whether time alone may change it."""


def intents(cluster: ClusterState, view: Store) -> Iterator[Intent]:
    """Return what an operator with this view wants to write next, for each object that it knows of."""
    clock = GHOSTS[cluster.ghost].clock
    for kind in (Kind.FLOW, Kind.RUN):
        for thing in SHELVES[view[kind]].things:
            yield _intent(cluster.store, view, clock, kind, thing.name)
    for write in _orphans(cluster.store):
        yield Intent(write, view)


_BY_VIEW: dict[tuple[Store, float, Kind, str], Intent | None] = {}
"""Intents that follow from a view alone; None where the API server is asked."""


def forget() -> None:
    """Look and decide anew: what is remembered must be forgotten where what decides is exchanged."""
    _BY_VIEW.clear()
    for remembered in (_asked_for, transitions.of_flow, transitions.of_run):
        remembered.cache_clear()


def _intent(store: Store, view: Store, clock: float, kind: Kind, name: str) -> Intent:
    key = (view, clock, kind, name)
    known = _BY_VIEW.get(key)
    if known is not None:
        return known
    if key in _BY_VIEW:
        return _asked_for(store, view, clock, kind, name)
    intent, asked = _looked(store, view, clock, kind, name)
    _BY_VIEW[key] = None if asked else intent
    return intent


@lru_cache(maxsize=1_000_000)
def _asked_for(store: Store, view: Store, clock: float, kind: Kind, name: str) -> Intent:
    return _looked(store, view, clock, kind, name)[0]


def _looked(store: Store, view: Store, clock: float, kind: Kind, name: str) -> tuple[Intent, bool]:
    """Look and decide; tell whether the API server was asked for anything."""
    observer = Observer(store, view, clock)
    decided = _about(observer, kind, name)
    return Intent(decided.write, observer.informed() if observer.asked else view, decided.waits), observer.has_asked


@cache
def arrived(cluster: ClusterState, write: Write) -> Change | None:
    """Return what a write does that reaches the API server; None where that is nothing."""
    after = applied(cluster, write)
    if after is None:
        return None
    broken = broken_by(cluster, write)
    return Change("", f"{write.by} {write.kind.name.lower()} {write.name}", after, broken=broken)


def _about(observer: Observer, kind: Kind, name: str) -> Decided:
    """Decide about an object; a second time on live reads, where the decision asks for it."""
    decided = _decided(observer, kind, name)
    if not decided.live:
        return decided
    observer.live = True
    return _decided(observer, kind, name)


def _decided(observer: Observer, kind: Kind, name: str) -> Decided:
    if kind is Kind.FLOW:
        flow = observer.flow(name)
        return transitions.of_flow(flow) if flow is not None else _NOTHING
    run = observer.run(name)
    return transitions.of_run(run) if run is not None else _NOTHING


@cache
def _orphans(store: Store) -> tuple[Write, ...]:
    """Release Jobs and pods whose run is gone; all of it on live reads."""
    runs, pods = SHELVES[store[Kind.RUN]].by_uid, SHELVES[store[Kind.POD]].things
    writes = []
    for kind in (Kind.JOB, Kind.POD):
        for thing in SHELVES[store[kind]].things:
            body = thing.body
            assert isinstance(body, JobBody | PodBody)
            if not thing.held or body.run_uid in runs:
                continue
            seen = tuple(pod_facts(pod) for pod in pods_of(pods, body.run_uid))
            fate = orphan_job_action(job_facts(thing), seen) if kind is Kind.JOB else orphan_pod_action(seen)
            at = Write("release orphan", "update", kind, thing.name, thing.uid, thing.version, without_finalizer(thing))
            if fate is OrphanAction.REMOVE_FINALIZER:
                writes.append(at)
            elif fate is OrphanAction.DELETE and not thing.deleting:
                writes.append(at._replace(by="delete orphan", verb="delete", after=None))
    return tuple(writes)


def applied(cluster: ClusterState, write: Write) -> ClusterState | None:
    """Do what the API server does with a write."""
    shelf, ghost = cluster.store[write.kind], GHOSTS[cluster.ghost]
    if write.verb == "create":
        assert write.after is not None
        if write.name in SHELVES[shelf].by_name:
            return None
        uid, ghost = ghost.born(write.name)
        answer = api.created(shelf, _born(write.after, uid, ghost.clock))
        cluster = cluster.with_ghost(ghost)
    elif write.verb == "delete":
        answer = api.deleted(shelf, write.name, write.uid, write.version)
    else:
        assert write.after is not None
        answer = api.updated(shelf, write.name, write.uid, write.version, write.after)
    if isinstance(answer, api.Refused) or answer == shelf:
        return None
    return with_check(with_record(cluster, write), write).with_shelf(write.kind, answer)


def _born(thing: StoredObject, uid: str, clock: float) -> StoredObject:
    body = thing.body
    if isinstance(body, RunBody | JobBody):
        body = body._replace(created=clock)
    return thing._replace(uid=uid, body=body)


_NOTHING = Decided(live=False, write=None, waits=False)

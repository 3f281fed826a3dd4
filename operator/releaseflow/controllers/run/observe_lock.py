"""The lock that a run wants: who holds it, who waits for it, and what it remembers of the database."""

from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.metadata import LOCK_HOLDER, LOCK_NAME_LABEL, RUN_UID_LABEL
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import by_database, by_lock_key
from releaseflow.controllers.parse_jobs import pod_facts
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.run.locks import LockPlace, holder_uid, keys_of_identity, lock_facts, lock_place_of
from releaseflow.core.facts import ABSENT, Absent, PodFacts
from releaseflow.core.run.facts import LockFacts, Waiter
from releaseflow.core.run.lock import is_queued
from releaseflow.core.run.reports import DumpReport, dump_report
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, annotation, get_str, uid_of


@dataclass(frozen=True)
class LockObservation:
    """What was seen of a lock."""

    lock: LockFacts | Absent
    waiters: tuple[Waiter, ...]
    keys_of_identity: tuple[str, ...]


def lock_place(run: ParsedRun) -> LockPlace:
    """Return which lock a run wants."""
    return LockPlace(run.namespace, run.spec.lock_key)


async def observe_lock(
    reader: Reader, operator_namespace: str, run: ParsedRun, pods: tuple[PodFacts, ...], now: datetime
) -> LockObservation:
    """Observe the lock of a run's database."""
    place = lock_place(run)
    lease = await reader.get(Resource.LEASE, operator_namespace, place.name)
    return LockObservation(
        lock=await _lock(reader, run, lease, now) if lease is not None else ABSENT,
        waiters=await _waiters(reader, run, place),
        keys_of_identity=_keys_of_identity(reader.cache, operator_namespace, place, _identity(run, pods)),
    )


def _keys_of_identity(cache: Cache, operator_namespace: str, place: LockPlace, identity: str) -> tuple[str, ...]:
    """Return the other keys of the run's namespace under which its database is locked."""
    if not identity:
        return ()
    leases = cache.indexed(Resource.LEASE, operator_namespace, by_database(place.namespace, identity))
    keys = {lock_place_of(lease).key for lease in leases}
    used = frozenset(key for key in keys if cache.indexed(Resource.FLOW, place.namespace, by_lock_key(key)))
    return keys_of_identity(leases, place, identity, used)


async def _lock(reader: Reader, run: ParsedRun, lease: Object, now: datetime) -> LockFacts:
    holder = holder_uid(lease)
    if holder in {"", run.uid}:
        return lock_facts(lease, holder_exists=bool(holder), holder_pod_alive=False)
    exists = await _holder_exists(reader, run.namespace, lease, holder)
    alive = not exists and await _holder_pod_is_alive(reader, run.namespace, holder, now)
    return lock_facts(lease, holder_exists=exists, holder_pod_alive=alive)


async def _holder_exists(reader: Reader, namespace: str, lease: Object, holder: str) -> bool:
    """Whether the holding run exists: its presence in the cache is enough, its absence is asked for."""
    name = annotation(lease, LOCK_HOLDER)
    seen = reader.cached(Resource.RUN, namespace, name)
    if seen is not None and uid_of(seen) == holder and not reader.live:
        return True
    return uid_of(await reader.get_live(Resource.RUN, namespace, name)) == holder


async def _holder_pod_is_alive(reader: Reader, namespace: str, holder: str, now: datetime) -> bool:
    pods = await reader.list_live(Resource.POD, namespace, {RUN_UID_LABEL: holder})
    seen = (pod_facts(pod, now) for pod in pods)
    return any(pod is not ABSENT and pod.alive for pod in seen)


async def _waiters(reader: Reader, run: ParsedRun, place: LockPlace) -> tuple[Waiter, ...]:
    """Find the other waiters by their label, which their specs must confirm.

    A run that lost its label is found again after its own next reconcile has restored the label: until then it may
    be passed, and nothing worse, since only the Lease's precondition says who holds the lock.
    """
    raws = await reader.list_objects(Resource.RUN, run.namespace, {LOCK_NAME_LABEL: place.name})
    others = [parse_run(raw) for raw in raws if not get_str(raw, "status", "outcome")]
    waiting = [o for o in others if isinstance(o, ParsedRun) and is_queued(o.spec, o.status) and o.uid != run.uid]
    return tuple(Waiter(o.created, o.uid) for o in waiting if lock_place(o) == place)


def _identity(run: ParsedRun, pods: tuple[PodFacts, ...]) -> str:
    """Return which database the run saw: as recorded or, before that, as its backup's pod reports it."""
    if run.status.database_identity:
        return run.status.database_identity
    messages = (c.message for pod in pods if pod.step is StepType.BACKUP for c in pod.containers)
    reports = (dump_report(message) for message in messages)
    return next((report.identity for report in reports if isinstance(report, DumpReport)), "")

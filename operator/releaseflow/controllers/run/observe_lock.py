"""The lock that a run wants: who holds it, who waits for it, and what it remembers of the database."""

from dataclasses import dataclass
from datetime import datetime

from releaseflow.api.v1alpha1.metadata import LOCK_NAME_LABEL, RUN_UID_LABEL
from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.cache.cache import View
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import of_database, with_lock_key
from releaseflow.controllers.parse_jobs import pod_seen
from releaseflow.controllers.parse_objects import RunRead, run_read
from releaseflow.controllers.run.locks import HOLDER, LockPlace, holder_uid, keys_of_identity, lock_seen, place_of
from releaseflow.core.facts import ABSENT, Absent, PodSeen
from releaseflow.core.run.facts import LockSeen, Rival
from releaseflow.core.run.lock import stands_in_line
from releaseflow.core.run.reports import DumpReport, dump_report
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, annotation, text, uid_of


@dataclass(frozen=True)
class LockLook:
    """What was seen of a lock."""

    lock: LockSeen | Absent
    rivals: tuple[Rival, ...]
    keys_of_identity: tuple[str, ...]


def lock_place(run: RunRead) -> LockPlace:
    """Return which lock a run wants."""
    return LockPlace(run.namespace, run.spec.database.effective_lock_key)


async def lock_look(
    reader: Reader, operator_namespace: str, run: RunRead, pods: tuple[PodSeen, ...], now: datetime
) -> LockLook:
    """Look at the lock of a run's database."""
    place = lock_place(run)
    lease = await reader.get(Kind.LEASE, operator_namespace, place.name)
    return LockLook(
        lock=await _lock(reader, run, lease, now) if lease is not None else ABSENT,
        rivals=await _rivals(reader, run, place),
        keys_of_identity=_keys_of_identity(reader.view, operator_namespace, place, _identity(run, pods)),
    )


def _keys_of_identity(view: View, operator_namespace: str, place: LockPlace, identity: str) -> tuple[str, ...]:
    """Return the other keys of the run's namespace under which its database is locked."""
    if not identity:
        return ()
    leases = view.group(Kind.LEASE, operator_namespace, of_database(place.namespace, identity))
    keys = {place_of(lease).key for lease in leases}
    used = frozenset(key for key in keys if view.group(Kind.FLOW, place.namespace, with_lock_key(key)))
    return keys_of_identity(leases, place, identity, used)


async def _lock(reader: Reader, run: RunRead, lease: Raw, now: datetime) -> LockSeen:
    holder = holder_uid(lease)
    if holder in {"", run.uid}:
        return lock_seen(lease, holder_exists=bool(holder), holder_pod_alive=False)
    exists = await _holder_exists(reader, run.namespace, lease, holder)
    alive = not exists and await _holder_pod_is_alive(reader, run.namespace, holder, now)
    return lock_seen(lease, holder_exists=exists, holder_pod_alive=alive)


async def _holder_exists(reader: Reader, namespace: str, lease: Raw, holder: str) -> bool:
    """Whether the holding run exists: its presence in the view is enough, its absence is asked for."""
    name = annotation(lease, HOLDER)
    seen = reader.glance(Kind.RUN, namespace, name)
    if seen is not None and uid_of(seen) == holder and not reader.live:
        return True
    return uid_of(await reader.ask(Kind.RUN, namespace, name)) == holder


async def _holder_pod_is_alive(reader: Reader, namespace: str, holder: str, now: datetime) -> bool:
    pods = await reader.ask_all(Kind.POD, namespace, {RUN_UID_LABEL: holder})
    seen = (pod_seen(pod, now) for pod in pods)
    return any(isinstance(pod, PodSeen) and pod.alive for pod in seen)


async def _rivals(reader: Reader, run: RunRead, place: LockPlace) -> tuple[Rival, ...]:
    """Find the others in the line by their label, which their specs must confirm.

    One whose label somebody took off is found again once its own next look has put the label back: until then it may
    be passed, and nothing worse, since only the Lease's precondition says who holds the lock.
    """
    raws = await reader.all_of(Kind.RUN, run.namespace, {LOCK_NAME_LABEL: place.name})
    others = [run_read(raw) for raw in raws if not text(raw, "status", "outcome")]
    waiting = [o for o in others if isinstance(o, RunRead) and stands_in_line(o.status) and o.uid != run.uid]
    return tuple(Rival(o.created, o.uid) for o in waiting if lock_place(o) == place)


def _identity(run: RunRead, pods: tuple[PodSeen, ...]) -> str:
    """Return which database the run saw: as recorded or, before that, as its backup's pod reports it."""
    if run.status.database_identity:
        return run.status.database_identity
    messages = (c.message for pod in pods if pod.step is StepType.BACKUP for c in pod.containers)
    reports = (dump_report(message) for message in messages)
    return next((report.identity for report in reports if isinstance(report, DumpReport)), "")

"""Which flows and runs to look at when something is heard of an object; it says nothing but that."""

from releaseflow.api.annotations import LOCK_LABEL, RUN_UID_LABEL
from releaseflow.shell.kinds import Key, Kind
from releaseflow.shell.locks import HOLDER, LockPlace, place_of
from releaseflow.shell.observe_lock import lock_place
from releaseflow.shell.orphans import is_kept
from releaseflow.shell.raw import Raw, annotation, label, name_of, namespace_of, parts, text, uid_of
from releaseflow.shell.translate_objects import RunRead, run_read
from releaseflow.shell.view import View


def rings(view: View, kind: Kind, raw: Raw) -> set[Key]:
    """Return whom a change of an object may concern."""
    match kind:
        case Kind.FLOW:
            return {_key(kind, raw), *_runs_of_flow(view, raw)}
        case Kind.RUN:
            return {_key(kind, raw), *_beside_run(view, raw)}
        case Kind.JOB | Kind.POD:
            return _of_job(view, kind, raw)
        case Kind.DEPLOYMENT:
            return _of_workload(view, raw)
        case Kind.LEASE:
            return _of_lock(view, raw)
        case Kind.EVENT | Kind.CLAIM:
            return set()


def _runs_of_flow(view: View, flow: Raw) -> set[Key]:
    """Its runs that are under way, or are kept until it knows how they ended."""
    runs = (run for run in view.all_of(Kind.RUN, namespace_of(flow)) if _is_unfinished(run) or is_kept(run))
    return {_key(Kind.RUN, run) for run in runs if text(run, "spec", "flowRef", "uid") == uid_of(flow)}


def _beside_run(view: View, run: Raw) -> set[Key]:
    """Its flow; once it is over, those who wait for the same lock; and whatever it leaves behind."""
    flow = text(run, "spec", "flowRef", "name")
    keys = {Key(Kind.FLOW, namespace_of(run), flow)} if flow else set()
    read = run_read(run)
    if isinstance(read, RunRead) and (read.status.outcome is not None or read.deleting):
        keys |= _waiting_for(view, lock_place(read))
    return keys | {
        _key(kind, raw)
        for kind in (Kind.JOB, Kind.POD)
        for raw in view.all_of(kind, namespace_of(run), {RUN_UID_LABEL: uid_of(run)})
        if is_kept(raw) and view.get(Kind.RUN, namespace_of(run), name_of(run)) is None
    }


def _of_job(view: View, kind: Kind, raw: Raw) -> set[Key]:
    """Its run; where there is none that is known, the Job or pod itself, if it is kept in vain."""
    wanted = label(raw, RUN_UID_LABEL)
    run = next((run for run in view.all_of(Kind.RUN, namespace_of(raw)) if uid_of(run) == wanted), None)
    if run is not None:
        return {_key(Kind.RUN, run)}
    return {_key(kind, raw)} if is_kept(raw) else set()


def _of_workload(view: View, raw: Raw) -> set[Key]:
    namespace, name = namespace_of(raw), name_of(raw)
    flows = (
        f
        for f in view.all_of(Kind.FLOW, namespace)
        if any(text(t, "name") == name for t in parts(f, "spec", "targets"))
    )
    runs = (r for r in _unfinished(view, namespace) if text(r, "spec", "workloadRef", "name") == name)
    return {_key(Kind.FLOW, flow) for flow in flows} | {_key(Kind.RUN, run) for run in runs}


def _of_lock(view: View, raw: Raw) -> set[Key]:
    if not label(raw, LOCK_LABEL):
        return set()
    place = place_of(raw)
    holder = annotation(raw, HOLDER)
    return _waiting_for(view, place) | ({Key(Kind.RUN, place.namespace, holder)} if holder else set())


def _waiting_for(view: View, place: LockPlace) -> set[Key]:
    reads = (run_read(run) for run in _unfinished(view, place.namespace))
    waiting = (read for read in reads if isinstance(read, RunRead) and lock_place(read) == place)
    return {Key(Kind.RUN, read.namespace, read.name) for read in waiting}


def _unfinished(view: View, namespace: str) -> list[Raw]:
    return [run for run in view.all_of(Kind.RUN, namespace) if _is_unfinished(run)]


def _is_unfinished(run: Raw) -> bool:
    return not text(run, "status", "outcome")


def _key(kind: Kind, raw: Raw) -> Key:
    return Key(kind, namespace_of(raw), name_of(raw))

"""Which flows and runs to look at when something is heard of an object; it says nothing but that."""

from releaseflow.api.v1alpha1.metadata import LOCK_LABEL, LOCK_NAME_LABEL, RUN_UID_LABEL
from releaseflow.cache.cache import View
from releaseflow.cache.store import about_workload, of_flow, with_uid
from releaseflow.controllers.orphans.controller import is_kept
from releaseflow.controllers.parse_objects import RunRead, run_read
from releaseflow.controllers.run.locks import HOLDER, LockPlace, place_of
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.kube.resources import Key, Kind
from releaseflow.kube.unstructured import Raw, annotation, label, name_of, namespace_of, text, uid_of


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
        case Kind.EVENT | Kind.CLAIM | Kind.NAMESPACE:
            return set()


def _runs_of_flow(view: View, flow: Raw) -> set[Key]:
    """Its runs that are under way, or are kept until it knows how they ended."""
    runs = view.group(Kind.RUN, namespace_of(flow), of_flow(uid_of(flow)))
    return {_key(Kind.RUN, run) for run in runs if not text(run, "status", "outcome") or is_kept(run)}


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
    runs = view.group(Kind.RUN, namespace_of(raw), with_uid(label(raw, RUN_UID_LABEL)))
    if runs:
        return {_key(Kind.RUN, run) for run in runs}
    return {_key(kind, raw)} if is_kept(raw) else set()


def _of_workload(view: View, raw: Raw) -> set[Key]:
    concerned = about_workload(name_of(raw))
    return {
        _key(kind, found) for kind in (Kind.FLOW, Kind.RUN) for found in view.group(kind, namespace_of(raw), concerned)
    }


def _of_lock(view: View, raw: Raw) -> set[Key]:
    if not label(raw, LOCK_LABEL):
        return set()
    place = place_of(raw)
    holder = annotation(raw, HOLDER)
    return _waiting_for(view, place) | ({Key(Kind.RUN, place.namespace, holder)} if holder else set())


def _waiting_for(view: View, place: LockPlace) -> set[Key]:
    waiting = view.all_of(Kind.RUN, place.namespace, {LOCK_NAME_LABEL: place.name})
    return {_key(Kind.RUN, run) for run in waiting if not text(run, "status", "outcome")}


def _key(kind: Kind, raw: Raw) -> Key:
    return Key(kind, namespace_of(raw), name_of(raw))

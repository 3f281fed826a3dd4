"""Map a changed object to the flows and runs to reconcile."""

from releaseflow.api.v1alpha1.metadata import LOCK_HOLDER, LOCK_LABEL, LOCK_NAME_LABEL, RUN_UID_LABEL
from releaseflow.cache.cache import Cache
from releaseflow.cache.store import by_flow, by_uid, by_workload
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.request import ReconcileRequest, request_for
from releaseflow.controllers.run.locks import LockPlace, lock_place_of
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, annotation, get_str, label, name_of, namespace_of, uid_of


def requests_for(cache: Cache, kind: Resource, raw: Object) -> set[ReconcileRequest]:
    """Return the flows and runs that a change of an object may concern."""
    if kind.is_workload:
        return _of_workload(cache, kind, raw)
    if kind.is_admission:
        return set()
    match kind:
        case Resource.FLOW | Resource.RUN:
            beside = _runs_of_flow if kind is Resource.FLOW else _beside_run
            return {request_for(kind, raw), *beside(cache, raw)}
        case Resource.JOB | Resource.POD:
            return _of_job(cache, kind, raw)
        case Resource.LEASE:
            return _of_lock(cache, raw)
        case Resource.EVENT | Resource.CLAIM | Resource.NAMESPACE:
            return set()


def _runs_of_flow(cache: Cache, flow: Object) -> set[ReconcileRequest]:
    """Its runs that are under way, or are kept until it knows how they ended."""
    runs = cache.indexed(Resource.RUN, namespace_of(flow), by_flow(uid_of(flow)))
    return {
        request_for(Resource.RUN, run)
        for run in runs
        if not get_str(run, "status", "outcome") or has_our_finalizer(run)
    }


def _beside_run(cache: Cache, run: Object) -> set[ReconcileRequest]:
    """Its flow; once it is over, those who wait for the same lock; and whatever it leaves behind."""
    flow = get_str(run, "spec", "flowRef", "name")
    keys = {ReconcileRequest(Resource.FLOW, namespace_of(run), flow)} if flow else set()
    read = parse_run(run)
    if isinstance(read, ParsedRun) and (read.status.outcome is not None or read.deleting):
        keys |= _waiting_for(cache, lock_place(read))
    return keys | {
        request_for(kind, raw)
        for kind in (Resource.JOB, Resource.POD)
        for raw in cache.list_objects(kind, namespace_of(run), {RUN_UID_LABEL: uid_of(run)})
        if has_our_finalizer(raw) and cache.get(Resource.RUN, namespace_of(run), name_of(run)) is None
    }


def _of_job(cache: Cache, kind: Resource, raw: Object) -> set[ReconcileRequest]:
    """Its run; where there is none that is known, the Job or pod itself, if it still has our finalizer."""
    runs = cache.indexed(Resource.RUN, namespace_of(raw), by_uid(label(raw, RUN_UID_LABEL)))
    if runs:
        return {request_for(Resource.RUN, run) for run in runs}
    return {request_for(kind, raw)} if has_our_finalizer(raw) else set()


def _of_workload(cache: Cache, workload: Resource, raw: Object) -> set[ReconcileRequest]:
    concerned = by_workload(workload.singular, name_of(raw))
    return {
        request_for(kind, found)
        for kind in (Resource.FLOW, Resource.RUN)
        for found in cache.indexed(kind, namespace_of(raw), concerned)
    }


def _of_lock(cache: Cache, raw: Object) -> set[ReconcileRequest]:
    if not label(raw, LOCK_LABEL):
        return set()
    place = lock_place_of(raw)
    holder = annotation(raw, LOCK_HOLDER)
    return _waiting_for(cache, place) | ({ReconcileRequest(Resource.RUN, place.namespace, holder)} if holder else set())


def _waiting_for(cache: Cache, place: LockPlace) -> set[ReconcileRequest]:
    waiting = cache.list_objects(Resource.RUN, place.namespace, {LOCK_NAME_LABEL: place.name})
    return {request_for(Resource.RUN, run) for run in waiting if not get_str(run, "status", "outcome")}

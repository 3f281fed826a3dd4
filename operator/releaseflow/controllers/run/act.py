"""Carry out what was decided about a run; doing any of it twice is harmless."""

from dataclasses import dataclass

import structlog

from releaseflow.api.schema.base import API_VERSION
from releaseflow.api.v1alpha1.metadata import (
    FINALIZER,
    LOCK_DATABASE,
    LOCK_HAD_TABLES,
    LOCK_HOLDER,
    LOCK_IDENTITY,
    LOCK_LAST_NAME,
    LOCK_LAST_UID,
    LOCK_NAME_LABEL,
    LOCK_NAMESPACE_UID,
    LOCK_TABLES_NAMESPACE_UID,
    LOCK_UNKNOWN_SINCE,
)
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.parse_objects import ParsedRun
from releaseflow.controllers.run import locks
from releaseflow.controllers.run.job_specs import Attempt, JobSpecs
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.actions import (
    AddFinalizer,
    CreateJob,
    DeleteJob,
    DeleteLock,
    ReleaseLock,
    RemoveFinalizer,
    RemoveJobFinalizer,
    RemovePodFinalizer,
    RunAction,
    StartHook,
    StartMigration,
    SuspendJob,
    TakeLock,
)
from releaseflow.core.run.facts import DatabaseState, LockFacts
from releaseflow.jobs.job import LOG_SECONDS
from releaseflow.kube.errors import ConflictError, ForbiddenError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_list, get_map, resource_version_of, uid_of

log = structlog.get_logger()

_EXPIRES: Object = {"ttlSecondsAfterFinished": LOG_SECONDS}


@dataclass(frozen=True)
class RunExecutor:
    """Acts for runs."""

    operator_namespace: str
    job_specs: JobSpecs

    async def act(self, reader: Reader, writer: Writer, run: ParsedRun, action: RunAction) -> None:
        """Carry out one action."""
        match action:
            case AddFinalizer() | RemoveFinalizer():
                await self._finalize_run(reader, writer, run, hold=isinstance(action, AddFinalizer))
            case TakeLock():
                await self._take_lock(reader, writer, run, action)
            case ReleaseLock():
                await self._release_lock(reader, writer, run, action)
            case CreateJob():
                await self._create_job(reader, writer, run, action)
            case StartMigration(name, uid, version) | StartHook(name, uid, version):
                await writer.set_field(_job(run, name, uid, version), "/spec/suspend", value=False)
            case SuspendJob(name, uid, version):
                await writer.set_field(_job(run, name, uid, version), "/spec/suspend", value=True)
            case DeleteJob() | DeleteLock():
                await writer.delete(self._to_be_deleted(run, action))
            case RemovePodFinalizer(name, uid, version):
                await remove_finalizer(reader, writer, ObjectVersion(Resource.POD, run.namespace, name, uid, version))
            case RemoveJobFinalizer(name, uid, version):
                await remove_finalizer(reader, writer, _job(run, name, uid, version), owner=run)

    async def _finalize_run(self, reader: Reader, writer: Writer, run: ParsedRun, *, hold: bool) -> None:
        at = ObjectVersion(Resource.RUN, run.namespace, run.name, run.uid, run.resource_version)
        others = _finalizers_of_others(reader.cached(Resource.RUN, run.namespace, run.name))
        finalizers = [*others, FINALIZER] if hold else others
        lock = lock_place(run).name if hold else None
        await writer.metadata(at, {"finalizers": finalizers, "labels": {LOCK_NAME_LABEL: lock}})

    async def _take_lock(self, reader: Reader, writer: Writer, run: ParsedRun, action: TakeLock) -> None:
        """Acquire the lock. The database counts as InUse until the holder releases it with an outcome."""
        remembered = {
            LOCK_HOLDER: run.name,
            LOCK_LAST_NAME: run.name,
            LOCK_LAST_UID: run.uid,
            LOCK_NAMESPACE_UID: await _namespace_uid(reader, run.namespace),
            LOCK_DATABASE: DatabaseState.IN_USE.value,
            LOCK_UNKNOWN_SINCE: "",
        }
        place = lock_place(run)
        if action.lock is ABSENT:
            await writer.create(Resource.LEASE, self.operator_namespace, locks.lease(place, None, run.uid, remembered))
        else:
            raw = self._lease(reader, action.lock)
            await writer.replace(Resource.LEASE, self.operator_namespace, locks.lease(place, raw, run.uid, remembered))

    async def _release_lock(self, reader: Reader, writer: Writer, run: ParsedRun, action: ReleaseLock) -> None:
        unknown = action.database is not DatabaseState.CLEAN
        remembered = {
            LOCK_HOLDER: "",
            LOCK_DATABASE: action.database.value,
            LOCK_IDENTITY: action.identity,
            LOCK_HAD_TABLES: "true" if action.had_tables else "",
            LOCK_TABLES_NAMESPACE_UID: action.tables_namespace_uid,
            LOCK_UNKNOWN_SINCE: run.name if unknown else "",
        }
        body = locks.lease(lock_place(run), self._lease(reader, action.lock), "", remembered)
        await writer.replace(Resource.LEASE, self.operator_namespace, body)

    def _to_be_deleted(self, run: ParsedRun, action: DeleteJob | DeleteLock) -> ObjectVersion:
        if isinstance(action, DeleteJob):
            return _job(run, action.name, action.uid, action.resource_version)
        return ObjectVersion(Resource.LEASE, self.operator_namespace, action.name, action.uid, action.resource_version)

    def _lease(self, reader: Reader, seen: LockFacts) -> Object:
        """Return the Lease that was decided on.

        Raises:
            ConflictError: The cache has another by now.
        """
        raw = reader.cached(Resource.LEASE, self.operator_namespace, seen.name)
        if raw is None or resource_version_of(raw) != seen.resource_version:
            request = Request(Verb.REPLACE, Resource.LEASE, self.operator_namespace, seen.name)
            raise ConflictError(request, "the lock has changed since it was read")
        return raw

    async def _create_job(self, reader: Reader, writer: Writer, run: ParsedRun, action: CreateJob) -> None:
        attempt = Attempt(action.step, action.attempt, action.name)
        body = await self.job_specs.job(reader, run, attempt, action.template_hash)
        if body is None:
            # The workload changed since the attempt was recorded: the next pass records it again.
            log.info("job_template_changed", job=action.name)
            return
        await writer.create(Resource.JOB, run.namespace, body)


async def _namespace_uid(reader: Reader, name: str) -> str:
    """Return the UID of a namespace as the API server has it now; empty where that may not be read.

    As long as the run exists, its namespace cannot be created again, so the UID holds for all of the run.
    """
    try:
        return uid_of(await reader.kube.get(Resource.NAMESPACE, "", name))
    except ForbiddenError as error:
        log.warning("namespace_not_read", why=error.message)
        return ""


async def remove_finalizer(reader: Reader, writer: Writer, at: ObjectVersion, owner: ParsedRun | None = None) -> None:
    """Take our finalizer off an object; in the same write, a Job of a run gets its owner and an end."""
    raw = reader.cached(at.kind, at.namespace, at.name)
    changes: Object = {"finalizers": _finalizers_of_others(raw)}
    if owner is None:
        await writer.metadata(at, changes)
        return
    others = [ref for ref in get_list(raw, "metadata", "ownerReferences") if ref.get("uid") != owner.uid]
    changes["ownerReferences"] = [*others, _owner(owner)]
    await writer.metadata(at, changes, spec=_EXPIRES)


def _job(run: ParsedRun, name: str, uid: str, resource_version: str) -> ObjectVersion:
    return ObjectVersion(Resource.JOB, run.namespace, name, uid, resource_version)


def _finalizers_of_others(raw: Object | None) -> list[str]:
    found = get_map(raw, "metadata").get("finalizers")
    return [name for name in found if name != FINALIZER] if isinstance(found, list) else []


def _owner(run: ParsedRun) -> Object:
    kind = Resource.RUN.singular
    return {"apiVersion": API_VERSION, "kind": kind, "name": run.name, "uid": run.uid, "controller": True}

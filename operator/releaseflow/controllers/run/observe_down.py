"""What a Down depends on beside its own run: the earlier run that it names, and the flows of its database."""

from releaseflow.api.v1alpha1.database import SchemaStatus
from releaseflow.cache.reader import Reader
from releaseflow.cache.store import by_lock_key
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun, parse_flow, parse_run
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.facts import EarlierRun, FlowOfDatabase
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, name_of


async def earlier_run(reader: Reader, run: ParsedRun) -> EarlierRun | Absent:
    """Read the run that a Down names, until what it recorded is taken over; one that cannot be read is none."""
    if run.spec.down is None or run.status.down is not None:
        return ABSENT
    raw = await reader.get(Resource.RUN, run.namespace, run.spec.down.run_name)
    found = parse_run(raw) if raw is not None else None
    if not isinstance(found, ParsedRun):
        return ABSENT
    return as_recorded(found, run)


def as_recorded(found: ParsedRun, run: ParsedRun) -> EarlierRun:
    """Return what a run recorded, for the one that undoes it; itself is under way."""
    return EarlierRun(
        uid=found.uid,
        lock_key=found.spec.lock_key,
        tool=found.spec.migration.tool or "",
        version=(found.status.schema_before or SchemaStatus()).version,
        identity=found.status.database_identity,
        over=found.status.outcome is not None and found.uid != run.uid,
    )


async def flows_of_database(reader: Reader, run: ParsedRun) -> tuple[FlowOfDatabase, ...]:
    """Return the flows with the lock key of a Down; one that cannot be read is not known to be suspended."""
    if run.spec.down is None or run.status.outcome is not None:
        return ()
    known = reader.cache.indexed(Resource.FLOW, run.namespace, by_lock_key(run.spec.lock_key))
    raws = [await reader.get(Resource.FLOW, run.namespace, name_of(raw)) for raw in known]
    return tuple(_flow(raw) for raw in raws if raw is not None)


def _flow(raw: Object) -> FlowOfDatabase:
    flow = parse_flow(raw)
    return FlowOfDatabase(name_of(raw), suspended=isinstance(flow, ParsedFlow) and flow.spec.suspend)

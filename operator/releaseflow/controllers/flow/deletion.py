"""What a deleted flow leaves behind, as an Event on each of its targets, since the flow itself is gone."""

from collections.abc import Callable

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.cache.cache import Cache
from releaseflow.cache.store import by_flow
from releaseflow.controllers.parse_jobs import job_facts
from releaseflow.controllers.parse_objects import ParsedFlow, ParsedRun, parse_flow, parse_run
from releaseflow.controllers.parse_targets import fence_of
from releaseflow.controllers.run.job_specs import recorded_attempt
from releaseflow.core.facts import Absent
from releaseflow.core.run.migration import never_started
from releaseflow.kube.resources import Resource
from releaseflow.kube.unstructured import Object, uid_of
from releaseflow.reporting.events import EventRecord
from releaseflow.reporting.transitions import reference_to


def announce_deleted_flow(cache: Cache, record: Callable[[EventRecord], None], raw: Object) -> None:
    """Record an Event on each target that was the flow's."""
    flow = parse_flow(raw)
    if not isinstance(flow, ParsedFlow):
        return
    note = _note(flow, _migrating(cache, flow))
    for target in flow.spec.targets:
        here = cache.get(Resource.DEPLOYMENT, flow.namespace, target.name)
        fence = fence_of(here or {})
        if here is not None and not isinstance(fence, Absent) and fence.flow_uid == flow.uid:
            on = reference_to(Resource.DEPLOYMENT, flow.namespace, target.name, uid_of(here))
            record(EventRecord(on, Reason.FLOW_DELETED.value, note, warning=True))


def _note(flow: ParsedFlow, migrating: str) -> str:
    claim = flow.spec.backup.persistent_volume_claim.claim_name
    see = commands.show_pods_of_run(flow.namespace, migrating)
    runs = f". The migration of run {migrating} is finished, and not promoted: {see}" if migrating else ""
    kept = f"Its backups stay in claim {claim}, under {flow.name}/, each with its restore command beside it"
    return f"ReleaseFlow {flow.name} was deleted: it releases nothing here any more{runs}. {kept}"


def _migrating(cache: Cache, flow: ParsedFlow) -> str:
    """Return the run of the flow whose migration has begun and is not over; empty where there is none."""
    runs = (parse_run(raw) for raw in cache.indexed(Resource.RUN, flow.namespace, by_flow(flow.uid)))
    return next((run.name for run in runs if isinstance(run, ParsedRun) and _has_begun(cache, run)), "")


def _has_begun(cache: Cache, run: ParsedRun) -> bool:
    if run.status.outcome is not None:
        return False
    job = cache.get(Resource.JOB, run.namespace, recorded_attempt(run, StepType.MIGRATE).job_name)
    return job is not None and not never_started(job_facts(job))

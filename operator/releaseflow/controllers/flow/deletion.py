"""What a deleted flow leaves behind, told by an Event on each of its targets: the flow itself has no page any more."""

from collections.abc import Callable

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import StepType
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.cache.cache import View
from releaseflow.cache.store import of_flow
from releaseflow.controllers.parse_jobs import job_seen
from releaseflow.controllers.parse_objects import FlowRead, RunRead, flow_read, run_read
from releaseflow.controllers.parse_targets import fence_of
from releaseflow.controllers.run.job_specs import recorded_attempt
from releaseflow.core.facts import Absent
from releaseflow.core.run.migration import never_started
from releaseflow.kube.resources import Kind
from releaseflow.kube.unstructured import Raw, uid_of
from releaseflow.reporting.events import Occasion
from releaseflow.reporting.transitions import about


def announce_deleted_flow(view: View, record: Callable[[Occasion], None], raw: Raw) -> None:
    """Record an Event on each target that was the flow's."""
    flow = flow_read(raw)
    if not isinstance(flow, FlowRead):
        return
    note = _note(flow, _migrating(view, flow))
    for target in flow.spec.targets:
        here = view.get(Kind.DEPLOYMENT, flow.namespace, target.name)
        fence = fence_of(here or {})
        if here is not None and not isinstance(fence, Absent) and fence.flow_uid == flow.uid:
            on = about(Kind.DEPLOYMENT, flow.namespace, target.name, uid_of(here))
            record(Occasion(on, Reason.FLOW_DELETED.value, note, warning=True))


def _note(flow: FlowRead, migrating: str) -> str:
    claim = flow.spec.backup.persistent_volume_claim.claim_name
    see = commands.show_pods_of_run(flow.namespace, migrating)
    runs = f". The migration of run {migrating} is finished, and not promoted: {see}" if migrating else ""
    kept = f"Its backups stay in claim {claim}, under {flow.name}/, each with its restore command beside it"
    return f"ReleaseFlow {flow.name} was deleted: it releases nothing here any more{runs}. {kept}"


def _migrating(view: View, flow: FlowRead) -> str:
    """Return the run of the flow whose migration has begun and is not over; empty where there is none."""
    runs = (run_read(raw) for raw in view.group(Kind.RUN, flow.namespace, of_flow(flow.uid)))
    return next((run.name for run in runs if isinstance(run, RunRead) and _has_begun(view, run)), "")


def _has_begun(view: View, run: RunRead) -> bool:
    if run.status.outcome is not None:
        return False
    job = view.get(Kind.JOB, run.namespace, recorded_attempt(run, StepType.MIGRATE).job_name)
    return job is not None and not never_started(job_seen(job))

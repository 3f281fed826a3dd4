"""Flows and runs, parsed at the door: beyond it, they are what their models say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from releaseflow.api.v1alpha1.metadata import ABORT, APPROVE, FINALIZER, LOCK_NAME_LABEL, RECONCILE, RETRY
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Release, Startup
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.parse_cache import ParseCache
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import Commands, RunForFlow
from releaseflow.core.flow.follow import follows_targets
from releaseflow.core.flow.further_runs import further_run
from releaseflow.core.flow.history import database_hash
from releaseflow.core.redaction import one_line
from releaseflow.core.run.facts import FlowForRun
from releaseflow.core.run.record import step_of
from releaseflow.core.run.startup_facts import Start, Writing
from releaseflow.core.timestamps import moment
from releaseflow.core.tools import runs_at_startup
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import (
    NEVER,
    Object,
    annotation,
    get_int,
    get_map,
    get_time,
    has_finalizer,
    is_deleting,
    label,
    name_of,
    namespace_of,
    resource_version_of,
    uid_of,
)

_LONGEST = 512

_GOING_WELL = frozenset(
    {
        Reason.OPENED,
        Reason.NOT_REACHED,
        Reason.STARTING,
        Reason.CHECKING,
        Reason.RUNNING_HOOKS,
        Reason.BACKING_UP,
        Reason.MIGRATING,
        Reason.RUN_IN_PROGRESS,
    }
)


@dataclass(frozen=True)
class Unreadable:
    """An object that its own model refuses, and why."""

    kind: Resource
    name: str
    namespace: str
    uid: str
    why: str


@dataclass(frozen=True)
class ParsedFlow:
    """A flow, parsed."""

    name: str
    namespace: str
    uid: str
    resource_version: str
    generation: int
    spec: ReleaseFlowSpec
    status: ReleaseFlowStatus
    deleting: bool
    commands: Commands

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do for it: a flow can always be asked for more."""
        return False


@dataclass(frozen=True)
class ParsedRun:
    """A run, parsed."""

    name: str
    namespace: str
    uid: str
    resource_version: str
    generation: int
    created: datetime
    spec: MigrationRunSpec
    status: MigrationRunStatus
    deleting: bool
    has_finalizer: bool
    lock_label: str = ""
    """Name of the lock that the run waits for, or holds, by its label."""
    approve: str = ""
    """Its own approve annotation, which counts for a run made by hand."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do for it: it has an outcome, and our finalizer is removed."""
        return self.status.outcome is not None and not self.has_finalizer

    @property
    def flow_uid(self) -> str:
        """UID of the flow that it belongs to; empty for a run made by hand."""
        return self.spec.flow_ref.uid if self.spec.flow_ref else ""

    @property
    def sequence(self) -> int:
        """Number of the release that it is for; 0 for a run made by hand."""
        return self.spec.flow_ref.sequence if self.spec.flow_ref else 0


def parse_flow(raw: Object) -> ParsedFlow | Unreadable:
    """Return a flow, or why it cannot be read."""
    return _FLOWS.read(raw)


def parse_run(raw: Object) -> ParsedRun | Unreadable:
    """Return a run, or why it cannot be read."""
    return _RUNS.read(raw)


def _flow_parsed(raw: Object) -> ParsedFlow | Unreadable:
    try:
        return ParsedFlow(
            name=name_of(raw),
            namespace=namespace_of(raw),
            uid=uid_of(raw),
            resource_version=resource_version_of(raw),
            generation=get_int(raw, "metadata", "generation"),
            spec=ReleaseFlowSpec.model_validate(get_map(raw, "spec")),
            status=ReleaseFlowStatus.model_validate(get_map(raw, "status")),
            deleting=is_deleting(raw),
            commands=Commands(*(annotation(raw, key) for key in (APPROVE, RETRY, ABORT, RECONCILE))),
        )
    except ValidationError as error:
        return _unreadable(Resource.FLOW, raw, error)


def _run_parsed(raw: Object) -> ParsedRun | Unreadable:
    try:
        return ParsedRun(
            name=name_of(raw),
            namespace=namespace_of(raw),
            uid=uid_of(raw),
            resource_version=resource_version_of(raw),
            generation=get_int(raw, "metadata", "generation"),
            created=get_time(raw, "metadata", "creationTimestamp") or NEVER,
            spec=MigrationRunSpec.model_validate(get_map(raw, "spec")),
            status=MigrationRunStatus.model_validate(get_map(raw, "status")),
            deleting=is_deleting(raw),
            has_finalizer=has_finalizer(raw, FINALIZER),
            lock_label=label(raw, LOCK_NAME_LABEL),
            approve=annotation(raw, APPROVE),
        )
    except ValidationError as error:
        return _unreadable(Resource.RUN, raw, error)


def flow_facts_for_run(flow: ParsedFlow, run: ParsedRun) -> FlowForRun:
    """Return what a run needs to know of its flow."""
    start = _start(flow, run)
    newest = flow.status.release
    release = newest if newest is not None and newest.sequence == run.sequence else None
    further = further_run(release, run.spec.role) if release is not None else ABSENT
    later = run.spec.role in {RunRole.ON_FAILURE, RunRole.CONTRACT}
    ended = release is not None and release.outcome is not None and not later
    return FlowForRun(
        image=flow.spec.image or flow.status.wanted_image or run.spec.image,
        sequence=flow.status.sequence,
        holds_back=flow.spec.has_targets and not follows_targets(flow.spec) and not start.has_begun,
        same_database=database_hash(flow.spec.database) == database_hash(run.spec.database),
        suspended=flow.spec.suspend,
        aborted=release is not None and (release.aborted or ended),
        approved=flow.commands.approve == run.name,
        deleting=flow.deleting,
        knows_run=run.spec.role in {RunRole.MIGRATION, RunRole.CONTRACT}
        or (further is not ABSENT and further.uid == run.uid),
        awaits_outcome=_awaits_outcome(release, run.spec.role, further),
        start=start,
    )


def _awaits_outcome(release: Release | None, role: RunRole, further: FurtherRun | Absent) -> bool:
    """Whether a release has yet to take over how a run of it ended."""
    if role is RunRole.MIGRATION:
        return release is not None and release.outcome is None and release.run_outcome is None
    return further is not ABSENT and further.outcome is None


def _start(flow: ParsedFlow, run: ParsedRun) -> Start:
    """Return how far the flow has come with writing a run's migration into its first target."""
    releases = (flow.status.release, *flow.status.history)
    release = next((known for known in releases if known is not None and known.sequence == run.sequence), None)
    if release is None or release.startup is None:
        return Start()
    if release.startup is Startup.INTENDED:
        return Start(Writing.INTENDED if release.outcome is None and not flow.deleting else Writing.NEVER)
    target = next(iter(flow.status.targets), None)
    if release is not flow.status.release or release.outcome is not None or target is None:
        return Start(has_begun=True)
    if target.promoted_time is None:
        return Start(Writing.BEGUN, has_begun=True)
    allowed = timedelta(seconds=flow.spec.promotion.progress_deadline_seconds)
    return Start(Writing.OVER, has_begun=True, deadline=moment(target.promoted_time) + allowed)


def run_facts_for_flow(run: ParsedRun) -> RunForFlow:
    """Return what a flow needs to know of a run."""
    status = run.status
    ready = condition(status.conditions, READY)
    waits = ready is not None and status.outcome is None and ready.reason not in _GOING_WELL
    migrate = step_of(status, StepType.MIGRATE)
    return RunForFlow(
        name=run.name,
        uid=run.uid,
        resource_version=run.resource_version,
        image=run.spec.image,
        flow_uid=run.flow_uid,
        sequence=run.sequence,
        role=run.spec.role,
        outcome=ABSENT if status.outcome is None else status.outcome,
        migrated=status.outcome is Reason.MIGRATED,
        backed_up=status.backup is not None and bool(status.backup.proof),
        pending_reason=ready.reason if ready is not None and waits else ABSENT,
        message=ready.message if ready is not None else "",
        failure=ABSENT if status.failure is None else status.failure,
        image_id=migrate.image_id if migrate is not ABSENT and run.spec.migration.image is None else "",
        deleting=run.deleting,
        created=run.created,
        awaits_startup=_awaits_startup(run),
        backup_expires=_backup_expires(run),
    )


def _awaits_startup(run: ParsedRun) -> bool:
    """Whether a run has recorded that its migration may begin as the first target starts, and no end of it."""
    step = step_of(run.status, StepType.MIGRATE)
    open_end = step is not ABSENT and step.outcome is None and run.status.outcome is None
    return open_end and runs_at_startup(run.spec)


def _backup_expires(run: ParsedRun) -> datetime | None:
    backup = run.status.backup
    if backup is None or backup.completion_time is None:
        return None
    return moment(backup.completion_time) + timedelta(seconds=run.spec.backup.maximum_age_seconds)


def or_absent(run: ParsedRun | Unreadable | None) -> RunForFlow | Absent:
    """Return a run as its flow sees it, where there is one that can be read."""
    return run_facts_for_flow(run) if isinstance(run, ParsedRun) else ABSENT


def _unreadable(kind: Resource, raw: Object, error: ValidationError) -> Unreadable:
    problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
    return Unreadable(kind, name_of(raw), namespace_of(raw), uid_of(raw), one_line(problems, _LONGEST))


_FLOWS: ParseCache[ParsedFlow | Unreadable] = ParseCache(_flow_parsed)
_RUNS: ParseCache[ParsedRun | Unreadable] = ParseCache(_run_parsed)

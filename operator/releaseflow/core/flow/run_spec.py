"""What the run of a release works from: a snapshot of the flow."""

from releaseflow.api.v1alpha1.contract import Contract
from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import FlowRef, MigrationRunSpec
from releaseflow.api.v1alpha1.operation import Operation, RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release, Trigger
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import released_containers
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.runners.registry import DEFAULT, RUNNERS


def run_spec(facts: FlowObserved, release: Release) -> MigrationRunSpec:
    """Return the snapshot that the run of a release works from."""
    spec = facts.spec
    return MigrationRunSpec(
        flow_ref=FlowRef(name=facts.name, uid=facts.uid, sequence=release.sequence),
        image=release.image,
        database=spec.database.with_way,
        backup=spec.backup,
        migration=spec.migration.model_copy(update={"workload_ref": _workload(facts)}),
        jobs=spec.jobs,
        hooks=spec.hooks.before_migration,
        approval_required=Approval.BEFORE_MIGRATION in spec.approvals,
        accept_unknown_database=release.trigger is Trigger.RETRY,
        accept_empty_database=_was_told_of_empty_database(facts, release),
    )


def contract_run_spec(facts: FlowObserved, release: Release, contract: Contract) -> MigrationRunSpec:
    """Return the snapshot that the run of a contract works from: what it has takes the place of the migration's."""
    spec, own = facts.spec, bool(contract.command or contract.args)
    given = {"command": contract.command, "args": contract.args, "arguments": contract.arguments, "env": contract.env}
    no_tool = {"tool": None, "program": (), "path": None} if own else {}
    no_startup = {} if RUNNERS[spec.migration.run_in].has_job else {"run_in": DEFAULT, "start_command": None}
    more = {"check": contract.check, "deadline_seconds": contract.deadline_seconds, "workload_ref": _workload(facts)}
    return MigrationRunSpec(
        flow_ref=FlowRef(name=facts.name, uid=facts.uid, sequence=release.sequence, role=RunRole.CONTRACT),
        image=release.image,
        database=spec.database.with_way,
        backup=spec.backup,
        migration=spec.migration.model_copy(update=given | no_tool | no_startup | more),
        jobs=spec.jobs,
        approval_required=Approval.BEFORE_CONTRACT in spec.approvals,
    )


def hook_run_spec(facts: FlowObserved, release: Release, role: RunRole, hooks: tuple[Hook, ...]) -> MigrationRunSpec:
    """Return the snapshot that a run of hooks works from: it inherits from what the migration inherits from."""
    ref = FlowRef(name=facts.name, uid=facts.uid, sequence=release.sequence, role=role)
    return MigrationRunSpec(
        flow_ref=ref,
        operation=Operation.HOOK,
        image=release.image,
        database=facts.spec.database.with_way,
        backup=facts.spec.backup,
        migration=facts.spec.migration.model_copy(update={"workload_ref": _workload(facts)}),
        jobs=facts.spec.jobs,
        hooks=hooks,
    )


def _was_told_of_empty_database(facts: FlowObserved, release: Release) -> bool:
    """Whether a person retries the very release that an empty database stopped: it holds for this run alone."""
    before = facts.status.history[:1]
    return release.trigger is Trigger.RETRY and any(r.outcome_reason is Reason.DATABASE_EMPTY for r in before)


def _workload(facts: FlowObserved) -> WorkloadRef | None:
    """Return what the run inherits from: the workload that the flow names, else the first target, if there is one."""
    targets = [WorkloadRef(kind=spec.kind, name=spec.name) for spec in facts.spec.targets]
    ref = facts.spec.migration.workload_ref or next(iter(targets), None)
    if ref is None or ref.container is not None or ref not in targets:
        return ref
    return ref.model_copy(update={"container": _first_released_container(facts, targets.index(ref))})


def _first_released_container(facts: FlowObserved, index: int) -> str | None:
    """Return a target's first container that is released; None where its pod has only one container."""
    spec, status, target = facts.spec.targets[index], facts.status.targets[index], facts.targets[index]
    if target is ABSENT or (not spec.containers and len(target.images) == 1):
        return None
    released = released_containers(spec, status, target)
    wanted = () if released is ABSENT else released
    return next((name for name, _ in target.images if name in wanted), None)

"""How a flow's record is read and continued; nothing here decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Startup, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.containers import chosen_containers, images_of, with_images
from releaseflow.core.flow.facts import FlowObserved, RunForFlow, TargetFacts
from releaseflow.core.flow.follow import follows_targets, wanted_image, with_followed
from releaseflow.core.flow.held import is_gated, targets_at_start
from releaseflow.core.flow.hints import retry
from releaseflow.core.gates import GateResult, Verdict
from releaseflow.core.names import digest, run_name
from releaseflow.core.outcomes import SUCCESSFUL
from releaseflow.core.timestamps import timestamp
from releaseflow.runners.registry import RUNNERS
from releaseflow.workloads.workload import Rollout

_WITHIN_A_RELEASE = frozenset({RunRole.BEFORE_PROMOTION, RunRole.AFTER_ROLLOUT})
"""Runs that end with their release, or are let finish after it; others begin once it is over."""
_BESIDE = frozenset(RunRole) - {RunRole.MIGRATION}


@dataclass(frozen=True)
class ReleaseEnded:
    """The release has ended, and its outcome is final."""

    outcome: Outcome
    reason: Reason
    message: str

    @property
    def requires_live_read(self) -> bool:
        """Whether the end may only be recorded when live reads lead to it."""
        return self.outcome is Outcome.FAILED


FlowVerdict: TypeAlias = Verdict[FlowAction, ReleaseEnded]
FlowResult: TypeAlias = GateResult[ReleaseFlowStatus, FlowAction, ReleaseEnded]


def database_hash(database: Database) -> str:
    """Return a hash of the settings that lead to the database; the lock's key only groups runs."""
    way = database.way
    said = way.model_dump_json(exclude_none=True)
    return digest(database.engine, type(way).__name__, said, *database.replaced_variables)


def new_release(facts: FlowObserved, sequence: int, trigger: Trigger) -> Release:
    """Return the record of a release that is about to start."""
    return Release(
        sequence=sequence,
        image=wanted_image(facts),
        trigger=trigger,
        database_hash=database_hash(facts.spec.database),
        run=run_name(facts.name, facts.uid, sequence),
        compatibility=facts.spec.migration.compatibility,
        startup=None if RUNNERS[facts.spec.migration.run_in].has_job else Startup.INTENDED,
        start_time=timestamp(facts.now),
    )


def with_new_release(facts: FlowObserved, release: Release) -> ReleaseFlowStatus:
    """Return the record with the intent of a new release; the one before goes into the history."""
    update = {
        "sequence": release.sequence,
        "release": release,
        "runner": _runner_at_start(facts),
        "history": history(facts),
        "failure": None,
    }
    if follows_targets(facts.spec):
        return with_followed(facts, facts.status.model_copy(update=update))
    if is_gated(facts.spec):
        targets = targets_at_start(facts, release.image)
    else:
        targets = tuple(_target_at_start(facts, i, spec) for i, spec in enumerate(facts.spec.targets))
    return facts.status.model_copy(update={**update, "targets": targets})


def history(facts: FlowObserved) -> tuple[Release, ...]:
    """Return the ended releases, newest first."""
    release = facts.status.release
    past = facts.status.history if release is None else (release, *facts.status.history)
    return past[: facts.spec.history_limit]


def with_release(status: ReleaseFlowStatus, **fields: Any) -> ReleaseFlowStatus:
    """Return the record with facts about its release."""
    release = status.release
    return status if release is None else status.model_copy(update={"release": release.model_copy(update=fields)})


def with_late_outcomes(facts: FlowObserved, status: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record with what runs achieved after their release had ended: the schema is ahead by it."""
    migrations = [run for run in facts.runs if run.role is RunRole.MIGRATION]
    ran = {run.sequence: run for run in migrations if run.outcome in SUCCESSFUL}
    release = status.release if status.release is None else _with_run_outcome(status.release, ran)
    if release is not None and release.outcome is not None:
        release = _with_late_ends(facts, release, _WITHIN_A_RELEASE)
    past = tuple(_with_late_ends(facts, _with_run_outcome(old, ran)) for old in status.history)
    return status.model_copy(update={"release": release, "history": past})


def with_late_finding(facts: FlowObserved, status: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record with what the run says by now of the failure that ended its release: it asks the database."""
    old, release, run = status.failure, status.release, facts.run
    if old is None or release is None or run is ABSENT or run.failure is ABSENT:
        return status
    same = (run.flow_uid, run.sequence) == (facts.uid, release.sequence) and release.outcome is Outcome.FAILED
    if not same or (run.failure.step, run.failure.reason) != (old.step, old.reason):
        return status
    return status.model_copy(update={"failure": run.failure})


def _with_run_outcome(release: Release, ran: dict[int, RunForFlow]) -> Release:
    run = ran.get(release.sequence)
    if run is None or release.outcome is None or release.run_outcome is not None:
        return release
    return release.model_copy(update={"run_outcome": run.outcome, "migrated": run.migrated})


def _with_late_ends(facts: FlowObserved, release: Release, roles: frozenset[RunRole] = _BESIDE) -> Release:
    """Return a release that is over with how its other runs ended meanwhile."""
    ended = {run.name: run.outcome for run in facts.runs if run.role in roles and run.outcome is not ABSENT}
    runs = tuple(
        known
        if known.outcome is not None or known.run not in ended
        else known.model_copy(update={"outcome": ended[known.run]})
        for known in release.further_runs
    )
    return release if runs == release.further_runs else release.model_copy(update={"further_runs": runs})


def with_good_image(status: ReleaseFlowStatus, image: str) -> ReleaseFlowStatus:
    """Return the record with an image as the one to go back to, now that every target has rolled it out."""
    return status.model_copy(update={"targets": tuple(_target_with_good_image(t, image) for t in status.targets)})


def _target_with_good_image(status: TargetStatus, image: str) -> TargetStatus:
    containers = tuple(container.model_copy(update={"good_image": image}) for container in status.containers)
    return status.model_copy(update={"containers": containers})


def released_message(facts: FlowObserved, release: Release) -> str:
    """Say what a release that went well has led to."""
    if facts.spec.has_targets and not follows_targets(facts.spec):
        return f"{release.image} is released"
    late = "; its migration had begun when the release was aborted" if release.aborted else ""
    return f"The database is ready for {release.image}{late}{_ungated(facts)}"


def _ungated(facts: FlowObserved) -> str:
    """Say of a flow that follows its targets that it keeps no image from them."""
    return " (ungated: its pods were not held back)" if follows_targets(facts.spec) else ""


def end_message(facts: FlowObserved, status: ReleaseFlowStatus) -> str:
    """Say why an image is not released, and how to go on."""
    failure, release = status.failure, status.release
    image = wanted_image(facts.with_status(status)) if release is None else release.image
    outcome = None if release is None else release.outcome
    end = "was rolled back" if outcome is Outcome.ROLLED_BACK else f"is not released{_ungated(facts)}"
    if failure is not None:
        return f"{image} {end}. {failure.step} failed: {failure.hint}"[:LONGEST_MESSAGE]
    if outcome is Outcome.SUPERSEDED:
        return f"{image} {end}: another image is wanted by now"
    return f"{image} {end}: the release was aborted. {retry(facts)}"


def with_target(status: ReleaseFlowStatus, index: int, **fields: Any) -> ReleaseFlowStatus:
    """Return the record with facts about one target."""
    targets = list(status.targets)
    targets[index] = targets[index].model_copy(update=fields)
    return status.model_copy(update={"targets": tuple(targets)})


def fail_release(status: ReleaseFlowStatus, failure: Failure) -> FlowResult:
    """End the release with everything that a reader needs to know of its failure."""
    verdict = ReleaseEnded(Outcome.FAILED, failure.reason, failure.hint)
    return GateResult(verdict, status.model_copy(update={"failure": failure}))


def _target_at_start(facts: FlowObserved, index: int, spec: Target) -> TargetStatus:
    """Return what is known of a target when a release starts."""
    fresh, target = _unseen(facts.status.targets, spec), facts.targets[index]
    return fresh if target is ABSENT else with_found_target(fresh, spec, target, wanted_image(facts))


def runner_target(spec: ReleaseFlowSpec) -> Target | Absent:
    """Return the workload that the commands of a migration are executed in, as a target; ABSENT where there is none."""
    if spec.migration.running_container is None:
        return ABSENT
    ref = spec.migration.running_container.workload_ref
    return Target(kind=ref.kind, name=ref.name, containers=() if ref.container is None else (ref.container,))


def _runner_at_start(facts: FlowObserved) -> TargetStatus | None:
    """Return what is known of the workload to execute in when a release starts."""
    spec = runner_target(facts.spec)
    if spec is ABSENT:
        return None
    fresh = _unseen(() if facts.status.runner is None else (facts.status.runner,), spec)
    return fresh if facts.runner is ABSENT else with_found_target(fresh, spec, facts.runner, wanted_image(facts))


def _unseen(known: Iterable[TargetStatus], spec: Target) -> TargetStatus:
    """Return what a release knows of a workload that it has not seen: the containers of the release before."""
    unknown = TargetStatus(kind=spec.kind, name=spec.name)
    old = next((t for t in known if (t.kind, t.name) == (spec.kind, spec.name)), unknown)
    unseen = tuple(container.model_copy(update={"image": ""}) for container in old.containers)
    return unknown.model_copy(update={"containers": unseen})


def with_found_target(status: TargetStatus, spec: Target, target: TargetFacts, image: str) -> TargetStatus:
    """Return what is known of a target once it was seen in this release; nothing where it has no such containers."""
    containers = chosen_containers(spec, status, target, image)
    if containers is ABSENT:
        return status
    found = with_images(status, images_of(target, containers))
    if target.rollout is Rollout.COMPLETE:
        found = tuple(container.model_copy(update={"good_image": container.image}) for container in found)
    return status.model_copy(update={"uid": target.uid, "containers": found})

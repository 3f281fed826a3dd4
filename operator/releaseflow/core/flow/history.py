"""How a flow's record is read and continued; nothing here decides."""

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.target import Target, TargetStatus
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.flow.containers import chosen_containers, images_of, with_images
from releaseflow.core.flow.facts import FlowObserved, Rollout, RunOfFlow, TargetSeen
from releaseflow.core.flow.hints import retry
from releaseflow.core.names import digest, run_name
from releaseflow.core.run.cleanup import HARMLESS
from releaseflow.core.timestamps import timestamp


@dataclass(frozen=True)
class Over:
    """The release has ended, and its outcome is final."""

    outcome: Outcome
    reason: Reason
    message: str

    @property
    def requires_live_read(self) -> bool:
        """Whether the end may only be recorded when live reads lead to it."""
        return self.outcome is Outcome.FAILED


FlowVerdict: TypeAlias = Opened | Waiting[FlowAction] | Stopped | Over


@dataclass(frozen=True)
class Turn:
    """A gate's verdict, and the record that goes with it."""

    verdict: FlowVerdict
    record: ReleaseFlowStatus


def with_record(seen: FlowObserved, record: ReleaseFlowStatus) -> FlowObserved:
    """Return what was seen, with the record continued."""
    return replace(seen, status=record)


def database_hash(database: Database) -> str:
    """Return a hash of the settings that name the database; the lock's key only groups runs."""
    secret = database.url_secret_ref
    return digest(database.engine, secret.name, secret.key)


def begun(seen: FlowObserved, sequence: int, trigger: Trigger) -> Release:
    """Return the record of a release that is about to start."""
    return Release(
        sequence=sequence,
        image=seen.spec.image,
        trigger=trigger,
        database_hash=database_hash(seen.spec.database),
        run=run_name(seen.name, seen.uid, sequence),
        compatibility=seen.spec.migration.compatibility,
        start_time=timestamp(seen.now),
    )


def started(seen: FlowObserved, release: Release) -> ReleaseFlowStatus:
    """Return the record with the intent of a new release; the one before goes into the history."""
    update = {
        "sequence": release.sequence,
        "release": release,
        "targets": tuple(_target_at_start(seen, i, target) for i, target in enumerate(seen.spec.targets)),
        "history": history(seen),
        "failure": None,
    }
    return seen.status.model_copy(update=update)


def history(seen: FlowObserved) -> tuple[Release, ...]:
    """Return the ended releases, newest first."""
    release = seen.status.release
    past = seen.status.history if release is None else (release, *seen.status.history)
    return past[: seen.spec.history_limit]


def with_release(record: ReleaseFlowStatus, **facts: Any) -> ReleaseFlowStatus:
    """Return the record with facts about its release."""
    release = record.release
    return record if release is None else record.model_copy(update={"release": release.model_copy(update=facts)})


def with_late_outcomes(seen: FlowObserved, record: ReleaseFlowStatus) -> ReleaseFlowStatus:
    """Return the record with what runs achieved after their release had ended: the schema is ahead by it."""
    ran = {run.sequence: run for run in seen.runs if run.outcome in HARMLESS}
    release = record.release if record.release is None else _settled(record.release, ran)
    past = tuple(_settled(old, ran) for old in record.history)
    return record.model_copy(update={"release": release, "history": past})


def _settled(release: Release, ran: dict[int, RunOfFlow]) -> Release:
    run = ran.get(release.sequence)
    if run is None or release.outcome is None or release.run_outcome is not None:
        return release
    return release.model_copy(update={"run_outcome": run.outcome, "migrated": run.migrated})


def all_good(record: ReleaseFlowStatus, image: str) -> ReleaseFlowStatus:
    """Return the record with an image as the one to go back to, now that every target has rolled it out."""
    return record.model_copy(update={"targets": tuple(_all_good(known, image) for known in record.targets)})


def _all_good(known: TargetStatus, image: str) -> TargetStatus:
    containers = tuple(container.model_copy(update={"good_image": image}) for container in known.containers)
    return known.model_copy(update={"containers": containers})


def how_it_ended(seen: FlowObserved, record: ReleaseFlowStatus) -> str:
    """Say why an image is not released, and how to go on."""
    failure, release = record.failure, record.release
    image, outcome = (seen.spec.image, None) if release is None else (release.image, release.outcome)
    end = "was rolled back" if outcome is Outcome.ROLLED_BACK else "is not released"
    if failure is not None:
        return f"{image} {end}. {failure.step} failed: {failure.hint}"[:LONGEST_MESSAGE]
    if outcome is Outcome.SUPERSEDED:
        return f"{image} {end}: another image is wanted by now"
    return f"{image} {end}: the release was aborted. {retry(seen)}"


def with_target(record: ReleaseFlowStatus, index: int, **facts: Any) -> ReleaseFlowStatus:
    """Return the record with facts about one target."""
    targets = list(record.targets)
    targets[index] = targets[index].model_copy(update=facts)
    return record.model_copy(update={"targets": tuple(targets)})


def failed(record: ReleaseFlowStatus, failure: Failure) -> Turn:
    """End the release with everything that a reader needs to know of its failure."""
    verdict = Over(Outcome.FAILED, failure.reason, failure.hint)
    return Turn(verdict, record.model_copy(update={"failure": failure}))


def _target_at_start(seen: FlowObserved, index: int, target: Target) -> TargetStatus:
    """Return what is known of a target when a release starts."""
    unknown = TargetStatus(kind=target.kind, name=target.name)
    old = next((t for t in seen.status.targets if (t.kind, t.name) == (target.kind, target.name)), unknown)
    unseen = tuple(container.model_copy(update={"image": ""}) for container in old.containers)
    fresh = unknown.model_copy(update={"containers": unseen})
    here = seen.targets[index]
    return fresh if here is ABSENT else met(fresh, target, here, seen.spec.image)


def met(known: TargetStatus, target: Target, here: TargetSeen, image: str) -> TargetStatus:
    """Return what is known of a target once it was seen in this release; nothing where it has no such containers."""
    containers = chosen_containers(target, known, here, image)
    if isinstance(containers, Absent):
        return known
    found = with_images(known, images_of(here, containers))
    if here.rollout is Rollout.COMPLETE:
        found = tuple(container.model_copy(update={"good_image": container.image}) for container in found)
    return known.model_copy(update={"uid": here.uid, "containers": found})

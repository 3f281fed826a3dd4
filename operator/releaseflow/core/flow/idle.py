"""A flow between releases: is another one wanted, and is everything as the last one left it?"""

from releaseflow.api import commands
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Opened, Stopped, Waiting
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import DeleteRun, FlowAction
from releaseflow.core.flow.commands import Asked
from releaseflow.core.flow.containers import live_images, were_changed
from releaseflow.core.flow.facts import FlowObserved, Rollout, RunOfFlow, TargetSeen
from releaseflow.core.flow.gates import GATES, Walk
from releaseflow.core.flow.history import Turn, database_hash, how_it_ended
from releaseflow.core.flow.rollback import not_come_up
from releaseflow.core.flow.rollout import all_run
from releaseflow.core.flow.targets import (
    bypassed,
    first_unfenced,
    gate_bypassed,
    highest_fence,
    image_changed,
    is_taken,
    replaced,
    taken,
    targets_are_found,
)

BEFORE_THE_DATABASE = frozenset({Reason.NOT_STARTED})
"""Failures of a migration that never reached the database."""
UNTIL_ROLLED_OUT = frozenset({Reason.IMAGE_CHANGED_OUTSIDE, Reason.ROLLING_OUT, Reason.ROLLOUT_FAILED})
"""What Ready says of a flow at rest until its pods were seen to run the released image again."""
DATABASE_IS_UNKNOWN = frozenset({Reason.DATABASE_UNKNOWN, Reason.OUTCOME_UNKNOWN})


def is_wanted(seen: FlowObserved, release: Release, ask: Asked) -> Trigger | None:
    """Return why another release is to be started, if one is."""
    if ask.retry and _is_troubled(seen, release):
        return Trigger.RETRY
    if _needs_a_person(seen, release) or not isinstance(standing_trouble(seen, release), Absent):
        return None
    if release.outcome is Outcome.SUPERSEDED and release.trigger is Trigger.RETRY and release.run_outcome is None:
        return Trigger.RETRY
    if release.outcome is Outcome.SUPERSEDED or seen.spec.image != release.image:
        return Trigger.NEW_IMAGE
    if database_hash(seen.spec.database) != release.database_hash:
        return Trigger.DATABASE_CHANGED
    return None


def _is_troubled(seen: FlowObserved, release: Release) -> bool:
    """Whether there is anything that a retry might repair."""
    if release.outcome is not Outcome.RELEASED or not isinstance(standing_trouble(seen, release), Absent):
        return True
    unsettled = _not_settled_again(seen)
    return unsettled is not ABSENT and unsettled.rollout is Rollout.FAILED


def next_sequence(seen: FlowObserved) -> int:
    """Return a sequence above every one that was ever written anywhere."""
    runs = max((run.sequence for run in seen.runs), default=0)
    release = seen.status.release
    recorded = 0 if release is None else release.sequence
    return max(seen.status.sequence, recorded, highest_fence(seen), runs) + 1


def at_rest(seen: FlowObserved, release: Release) -> Walk:
    """Say how the last release ended, and keep the targets fenced and the history short."""
    found = targets_are_found(seen)
    if release.outcome is Outcome.RELEASED and isinstance(found.verdict, Waiting | Stopped):
        return Walk((), GATES[0], found)
    trouble = standing_trouble(seen, release)
    if not isinstance(trouble, Absent) and not _needs_a_person(seen, release):
        return Walk((), None, Turn(Stopped(trouble.reason, trouble.hint), seen.status))
    if release.outcome is not Outcome.RELEASED:
        reason = release.outcome_reason or Reason.RUN_FAILED
        return Walk((), None, Turn(Stopped(reason, how_it_ended(seen, seen.status)), seen.status))
    unsettled = _not_settled_again(seen)
    last = all_run(seen, release) if _is_settling(seen) else Opened()
    opened = (*((gate, Opened()) for gate in GATES[:-1]), (GATES[-1], last))
    if unsettled is not ABSENT:
        return Walk(opened[:-1], GATES[-1], Turn(_settling(seen, release, unsettled), seen.status))
    action = _upkeep(seen, release)
    if isinstance(action, Absent):
        return Walk(opened, None, Turn(Opened(Reason.RELEASED, f"{release.image} is released"), seen.status))
    return Walk(opened, None, Turn(Waiting(Reason.RELEASED, f"{release.image} is released", action), seen.status))


def _is_settling(seen: FlowObserved) -> bool:
    """Whether somebody put an image back that had been changed outside, and its pods were not seen to be back yet."""
    ready = condition(seen.status.conditions, READY)
    return ready is not None and ready.reason in UNTIL_ROLLED_OUT


def _not_settled_again(seen: FlowObserved) -> TargetSeen | Absent:
    """Return a target whose pods are not back yet; one that does not come up before one that is on its way."""
    there = [here for here in seen.targets if here is not ABSENT and here.rollout is not Rollout.COMPLETE]
    there.sort(key=lambda here: here.rollout is not Rollout.FAILED)
    return there[0] if there and _is_settling(seen) else ABSENT


def _settling(seen: FlowObserved, release: Release, here: TargetSeen) -> Waiting[FlowAction] | Stopped:
    if here.rollout is Rollout.FAILED:
        failure = not_come_up(seen, release, here)
        return Stopped(failure.reason, failure.hint)
    follow = commands.follow_rollout(seen.namespace, here.name)
    return Waiting(Reason.ROLLING_OUT, f"Deployment {here.name} rolls out the image that was put back: {follow}")


def standing_trouble(seen: FlowObserved, release: Release) -> Failure | Absent:
    """Return what another client did to a target; it is reported until that is undone, or a person retries."""
    passed = bypassed(seen, seen.spec.image) if seen.spec.image != release.image else ABSENT
    if passed is not ABSENT:
        return gate_bypassed(seen, passed, seen.spec.image)
    if release.outcome is not Outcome.RELEASED:
        return ABSENT
    for target, known, here in zip(seen.spec.targets, seen.status.targets, seen.targets, strict=True):
        if here is ABSENT or not known.uid or known.step is not TargetStep.ROLLED_OUT:
            continue
        if is_taken(seen, here):
            return Failure(step="FindTargets", reason=Reason.TARGET_TAKEN, hint=taken(seen.namespace, here))
        if known.uid != here.uid:
            return replaced(seen, here)
        live = live_images(target, known, here)
        if were_changed(known, live):
            return image_changed(seen, here, live)
    return ABSENT


def _needs_a_person(seen: FlowObserved, release: Release) -> bool:
    """Whether the last release left the database in a state that only a person can judge."""
    failure = seen.status.failure
    if release.outcome is not Outcome.FAILED or failure is None:
        return False
    migrating = failure.step == "Migrate" and failure.reason not in BEFORE_THE_DATABASE
    return migrating or failure.reason in DATABASE_IS_UNKNOWN


def _upkeep(seen: FlowObserved, release: Release) -> FlowAction | Absent:
    """Return what keeps a released flow in order: lost fences, and runs beyond the history limit."""
    fence = first_unfenced(seen, release)
    return _oldest_run(seen) if isinstance(fence, Absent) else fence


def _oldest_run(seen: FlowObserved) -> DeleteRun | Absent:
    """Return the oldest finished run beyond the history that holds no backup which is still kept."""
    finished = [run for run in seen.runs if not isinstance(run.outcome, Absent) and not run.deleting]
    newest_first = sorted(finished, key=lambda run: run.sequence, reverse=True)
    for run in reversed(newest_first[seen.spec.history_limit :]):
        if not run.backed_up or _is_pruned(seen, run, newest_first):
            return DeleteRun(run.name, run.uid, run.resource_version)
    return ABSENT


def _is_pruned(seen: FlowObserved, run: RunOfFlow, finished: list[RunOfFlow]) -> bool:
    """Whether so many newer runs hold a backup that one of them had to prune this one's."""
    newer = [other for other in finished if other.backed_up and other.sequence > run.sequence]
    return len(newer) > seen.spec.backup.retain

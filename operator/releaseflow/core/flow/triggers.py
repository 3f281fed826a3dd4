"""Why another release is started, and which number it gets."""

from releaseflow.api.v1alpha1.release import Outcome, Release, Trigger
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.commands import NewCommands
from releaseflow.core.flow.contract import has_failed
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.fences import highest_fence
from releaseflow.core.flow.follow import wanted_image
from releaseflow.core.flow.held import asks_again
from releaseflow.core.flow.history import database_hash
from releaseflow.core.flow.idle import first_not_rolled_out
from releaseflow.core.flow.interference import interference, needs_a_person
from releaseflow.core.flow.selection import has_newcomer


def next_trigger(facts: FlowObserved, release: Release, ask: NewCommands) -> Trigger | None:
    """Return why another release is to be started, if one is."""
    if ask.retry and _may_be_repaired(facts, release):
        return Trigger.RETRY
    if needs_a_person(facts, release) or interference(facts, release) is not ABSENT:
        return None
    if release.outcome is Outcome.SUPERSEDED and release.trigger is Trigger.RETRY and release.run_outcome is None:
        return Trigger.RETRY
    if wanted_image(facts) != release.image:
        return Trigger.NEW_IMAGE
    if database_hash(facts.spec.database) != release.database_hash:
        return Trigger.DATABASE_CHANGED
    return _trigger_of_targets(facts, release)


def _trigger_of_targets(facts: FlowObserved, release: Release) -> Trigger | None:
    if release.outcome is Outcome.SUPERSEDED or asks_again(facts, release):
        return Trigger.NEW_IMAGE
    return Trigger.NEW_TARGET if has_newcomer(facts, release) else None


def _may_be_repaired(facts: FlowObserved, release: Release) -> bool:
    """Whether there is anything that a retry might repair."""
    if release.outcome is not Outcome.RELEASED or interference(facts, release) is not ABSENT or has_failed(release):
        return True
    return first_not_rolled_out(facts) is not ABSENT


def next_sequence(facts: FlowObserved) -> int:
    """Return a sequence above every one that was ever written anywhere."""
    runs = max((run.sequence for run in facts.runs), default=0)
    release = facts.status.release
    recorded = 0 if release is None else release.sequence
    return max(facts.status.sequence, recorded, highest_fence(facts), runs) + 1

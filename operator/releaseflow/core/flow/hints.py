"""What a reader can do about a flow: every hint names the next command."""

from collections.abc import Sequence

from releaseflow.api import commands
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.flow.facts import FlowObserved, TargetFacts

_MOST_NAMES = 5
_LONGEST_NAMES = 400


def retry(facts: FlowObserved) -> str:
    """Return the command that starts another release of a flow."""
    return f"Go on: {commands.retry(facts.namespace, facts.name)}"


def paused_message(target: TargetFacts, *beside: TargetFacts) -> str:
    """Say that a target does not roll out by itself, what a person has to do, and which others are not there yet."""
    others = f". Not rolled out either: {names_of(beside)}" if beside else ""
    message = f"{target.kind} {target.name} {target.rollout_message}. {target.rollout_hint}{others}"
    return message[:LONGEST_MESSAGE]


def names_of(targets: Sequence[TargetFacts]) -> str:
    """Return the kinds and names of targets; of many the first, so that there is room for a command beside them."""
    named = ", ".join(f"{target.kind} {target.name}" for target in targets[:_MOST_NAMES])
    more = len(targets) - _MOST_NAMES
    return f"{named} and {more} more"[:_LONGEST_NAMES] if more > 0 else named[:_LONGEST_NAMES]


def under_way(facts: FlowObserved, run: str) -> str:
    """Say that a run of a release goes on, with the command that shows it."""
    return f"MigrationRun {run} is under way: {commands.show_run(facts.namespace, run)}"


def suspended(facts: FlowObserved) -> str:
    """Say that a flow starts nothing new, with the command that ends that."""
    return f"The flow is suspended. Go on: {resume(facts)}"


def resume(facts: FlowObserved) -> str:
    """Return the command that ends a suspension."""
    return commands.resume_flow(facts.namespace, facts.name)

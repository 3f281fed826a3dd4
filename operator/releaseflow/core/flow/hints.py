"""What a reader can do about a flow: every hint names the next command."""

from releaseflow.api import commands
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.flow.facts import FlowObserved, TargetFacts


def retry(facts: FlowObserved) -> str:
    """Return the command that starts another release of a flow."""
    return f"Go on: {commands.retry(facts.namespace, facts.name)}"


def paused_message(target: TargetFacts) -> str:
    """Say that a target does not roll out by itself, and what a person has to do."""
    return f"{target.kind} {target.name} {target.rollout_message}. {target.rollout_hint}"[:LONGEST_MESSAGE]


def under_way(facts: FlowObserved, run: str) -> str:
    """Say that a run of a release goes on, with the command that shows it."""
    return f"MigrationRun {run} is under way: {commands.show_run(facts.namespace, run)}"


def suspended(facts: FlowObserved) -> str:
    """Say that a flow starts nothing new, with the command that ends that."""
    return f"The flow is suspended. Go on: {resume(facts)}"


def resume(facts: FlowObserved) -> str:
    """Return the command that ends a suspension."""
    return commands.resume_flow(facts.namespace, facts.name)

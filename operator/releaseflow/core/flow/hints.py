"""What a reader can do about a flow: every hint names the next command."""

from releaseflow.api import commands
from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.workloads.registry import WORKLOADS


def retry(facts: FlowObserved) -> str:
    """Return the command that starts another release of a flow."""
    return f"Go on: {commands.retry(facts.namespace, facts.name)}"


def ignore_differences(target: TargetFacts) -> str:
    """Return what keeps Argo CD from putting an old image back."""
    workload = WORKLOADS[target.kind]
    path = ".".join(("", *workload.template, "spec", "containers[]", "image"))
    return (
        f"Under Argo CD: ignoreDifferences: [{{group: {workload.group}, kind: {target.kind}, jqPathExpressions: "
        f"['{path}']}}] and syncOptions: [RespectIgnoreDifferences=true]."
    )


def paused_message(target: TargetFacts) -> str:
    """Say that a target does not roll out by itself, and what a person has to do."""
    return f"{target.kind} {target.name} {target.rollout_message}. {target.rollout_hint}"[:LONGEST_MESSAGE]


def resume(facts: FlowObserved) -> str:
    """Return the command that ends a suspension."""
    return commands.resume_flow(facts.namespace, facts.name)

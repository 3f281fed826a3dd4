"""What a reader can do about a flow: every hint names the next command."""

from releaseflow.api import commands
from releaseflow.core.flow.facts import FlowObserved


def retry(facts: FlowObserved) -> str:
    """Return the command that starts another release of a flow."""
    return f"Go on: {commands.retry(facts.namespace, facts.name)}"


def ignore_differences() -> str:
    """Return what keeps Argo CD from putting an old image back."""
    return (
        "Under Argo CD: ignoreDifferences: [{group: apps, kind: Deployment, jqPathExpressions: "
        "['.spec.template.spec.containers[].image']}] and syncOptions: [RespectIgnoreDifferences=true]."
    )


def resume(facts: FlowObserved) -> str:
    """Return the command that ends a suspension."""
    return commands.resume_flow(facts.namespace, facts.name)

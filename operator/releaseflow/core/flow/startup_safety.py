"""Why a migration must not run as the pods of a target start: it is for people to change the target, or the way."""

from releaseflow.core.conditions import LONGEST_MESSAGE
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.containers import released_containers
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.tools import waits_for_another
from releaseflow.workloads.registry import WORKLOADS

_INSTEAD = "or migration.runIn: Job into the flow"


def startup_hazard(facts: FlowObserved) -> str:
    """Return what speaks against a migration as the first target starts, and what to write instead; empty if nothing.

    Two migrations at once are safe only where the second waits for the lock of the tool. Where nothing shows when a
    migration is over, the end of the rollout proves nothing.
    """
    target = facts.targets[0]
    if target is ABSENT:
        return ""
    name = f"{target.kind} {target.name}"
    if target.replicas == 0:
        return f"{name} has no pods, and the migration would start in none: let it have one"
    if not target.is_alone and not waits_for_another(facts.spec.migration):
        return _two_at_once(facts, target, name)[:LONGEST_MESSAGE]
    return _nothing_tells(facts, target, name)


def _two_at_once(facts: FlowObserved, target: TargetFacts, name: str) -> str:
    tool = facts.spec.migration.tool
    why = f"{tool} does not wait for a migration that is under way" if tool else "the command may take no lock"
    alone = WORKLOADS[target.kind].alone
    do = f"write {alone} into it, {_INSTEAD}" if alone else "write migration.runIn: Job into the flow"
    return f"{name} may start two pods at once, and {why}: {do}"


def _nothing_tells(facts: FlowObserved, target: TargetFacts, name: str) -> str:
    """Return why startCommand cannot be used with the target's container."""
    if facts.spec.migration.start_command is None:
        return ""
    found = released_containers(facts.spec.targets[0], facts.status.targets[0], target)
    container = first_container(target, () if found is ABSENT else found)
    if not target.migrates_for and container in target.with_command:
        return (
            f"container {container} of {name} has a command of its own, and startCommand would take its place for good:"
            f" take command and args out of it, or leave startCommand out, {_INSTEAD}"
        )
    if container not in target.with_probe:
        return (
            f"container {container} of {name} has no probe, so nothing tells when its migration is over: give it a"
            f" readinessProbe, or leave startCommand out, {_INSTEAD}"
        )
    return ""


def first_container(target: TargetFacts, released: tuple[str, ...]) -> str:
    """Return the container whose environment the migration has: the first one that is released."""
    return next((name for name, _ in target.images if name in released), "")

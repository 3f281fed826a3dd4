"""What keeps a released flow in order: fences that were lost, and runs beyond the history limit."""

from releaseflow.api.v1alpha1.release import Release
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import DeleteRun, FlowAction
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.fences import next_fence


def next_upkeep(facts: FlowObserved, release: Release) -> FlowAction | Absent:
    """Return what keeps a released flow in order: lost fences, and runs beyond the history limit."""
    fence = next_fence(facts, release)
    return _oldest_run(facts) if fence is ABSENT else fence


def _oldest_run(facts: FlowObserved) -> DeleteRun | Absent:
    """Return the oldest finished run of a release beyond the history that holds no backup which is still kept."""
    finished = [run for run in facts.runs if run.outcome is not ABSENT and not run.deleting]
    newest_first = sorted(finished, key=lambda run: run.sequence, reverse=True)
    kept = sorted({run.sequence for run in finished}, reverse=True)[: facts.spec.history_limit]
    for run in reversed([run for run in newest_first if run.sequence not in kept]):
        if not run.backed_up or _is_pruned(facts, run, newest_first):
            return DeleteRun(run.name, run.uid, run.resource_version)
    return ABSENT


def _is_pruned(facts: FlowObserved, run: RunForFlow, finished: list[RunForFlow]) -> bool:
    """Whether so many newer runs hold a backup that one of them had to prune this one's."""
    newer = [other for other in finished if other.backed_up and other.sequence > run.sequence]
    return len(newer) > facts.spec.backup.retain

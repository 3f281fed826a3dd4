"""Decide the next step of a MigrationRun.

A run is a row of gates, and they open in order:

    Locked -> Checked -> (Approved) -> (HooksDone) -> BackedUp -> BackupVerified -> Migrated

A run of hooks has HooksDone alone. Only the first closed gate gives the result, so nothing behind it can act. A gate
passes the record on, so that an outcome and the next intent are written together. A run that waits for a person gives
its lock back, and asks no gate but that one. What a failed migration left in the database is asked once its outcome is
recorded, before the clean-up.
"""

from dataclasses import replace

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT
from releaseflow.core.gates import GateResult, decision_of
from releaseflow.core.run.actions import AddFinalizer, RunAction
from releaseflow.core.run.cleanup import is_at_work, next_clean_up, next_stop, pods_with_finalizer
from releaseflow.core.run.early_end import reason_to_end, wait_while_suspended
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.gates import MIGRATED, evaluate_run, gates_to_ask
from releaseflow.core.run.hooks import hook_is_under_way, hooks_have_ended
from releaseflow.core.run.left_behind import REPORT, ask_what_is_left, is_to_be_asked
from releaseflow.core.run.migration import has_started
from releaseflow.core.run.status import status_of

_OTHERS = tuple(step for step in StepType if step is not REPORT)


def decide(facts: RunObserved) -> Decision[MigrationRunStatus, RunAction]:
    """Return the status of a run, and the one action to take."""
    if facts.status.outcome is not None:
        return _go_on_after_the_end(facts)
    if not facts.has_finalizer:
        return Decision(facts.status, ABSENT if facts.deleting else AddFinalizer())
    if has_started(facts):
        return decision_of(facts, evaluate_run(facts, (MIGRATED,)), status_of)
    evaluation = evaluate_run(facts, gates_to_ask(facts))
    end = reason_to_end(facts)
    if end is not ABSENT and not (hook_is_under_way(facts) or hooks_have_ended(facts)):
        evaluation = replace(evaluation, result=GateResult(end, facts.status))
    evaluation = replace(evaluation, result=wait_while_suspended(facts, evaluation.result))
    return decision_of(facts, evaluation, status_of)


def _go_on_after_the_end(facts: RunObserved) -> Decision[MigrationRunStatus, RunAction]:
    """Clean up; before that, ask what a failed migration left, once nothing of it is at work any more."""
    if not is_to_be_asked(facts):
        return Decision(facts.status, next_clean_up(facts))
    first = next_stop(facts, _OTHERS)
    if first is not ABSENT or is_at_work(facts, _OTHERS):
        return Decision(facts.status, first)
    release = next(pods_with_finalizer(facts), ABSENT)
    return ask_what_is_left(facts) if release is ABSENT else Decision(facts.status, release)

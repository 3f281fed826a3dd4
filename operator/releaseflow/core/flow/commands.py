"""What people ask of a flow by its annotations: each is acted on once, and echoed."""

from dataclasses import dataclass

from releaseflow.api import commands
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.release_flow import Approval, LastHandled, ReleaseFlowStatus
from releaseflow.core.flow.facts import FlowObserved

_LONGEST = 256


@dataclass(frozen=True)
class NewCommands:
    """What is newly asked for."""

    retry: bool = False
    abort: bool = False


def new_commands(facts: FlowObserved) -> NewCommands:
    """Return what is newly asked; what stood there when the flow was first seen is not."""
    last = facts.status.last_handled
    if last is None:
        return NewCommands()
    now = present_commands(facts)
    return NewCommands(retry=now.retry not in {"", last.retry}, abort=now.abort not in {"", last.abort})


def with_handled_commands(facts: FlowObserved) -> ReleaseFlowStatus:
    """Return the record with the present commands."""
    return facts.status.model_copy(update={"last_handled": present_commands(facts)})


def present_commands(facts: FlowObserved) -> LastHandled:
    """Return the commands as they are now."""
    now = facts.commands
    return LastHandled(
        approve=now.approve[:_LONGEST],
        retry=now.retry[:_LONGEST],
        abort=now.abort[:_LONGEST],
        reconcile=now.reconcile[:_LONGEST],
    )


def run_is_approved(facts: FlowObserved) -> bool:
    """Whether the approval names the run of the newest release, which lets it migrate and no more."""
    release = facts.status.release
    return release is not None and facts.commands.approve == release.run


def approval_of_promotion(release: Release) -> str:
    """Return the approval that a promotion waits for: one that was given for the migration is none."""
    return f"{release.run}/{Approval.BEFORE_PROMOTION}"


def find_ignored_commands(facts: FlowObserved, after: ReleaseFlowStatus) -> tuple[str, ...]:
    """Return why commands had no effect, for each that was echoed without one, and where to see what goes on."""
    before = facts.status
    old, new = before.last_handled or LastHandled(), after.last_handled or LastHandled()
    answers = (_retry(before, after, old, new), _abort(before, after, old, new), _approve(facts, after, old, new))
    see = f"See: {commands.show_flow(facts.namespace, facts.name)}"
    return tuple(f"{answer}. {see}" for answer in answers if answer)


def _retry(before: ReleaseFlowStatus, after: ReleaseFlowStatus, old: LastHandled, new: LastHandled) -> str:
    if new.retry in {"", old.retry} or after.sequence > before.sequence:
        return ""
    if before.last_handled is None:
        return "retry stood there when the flow was first seen: it is not acted on. Give it a new value to retry"
    return (
        "retry does not apply now: a release is under way, nothing has failed, or the flow is suspended. "
        "Once it applies, give it a new value"
    )


def _abort(before: ReleaseFlowStatus, after: ReleaseFlowStatus, old: LastHandled, new: LastHandled) -> str:
    aborted = after.release is not None and after.release.aborted
    was_aborted = before.release is not None and before.release.aborted
    if new.abort in {"", old.abort} or (aborted and not was_aborted):
        return ""
    return "abort does not apply now: no release is under way, or it is being aborted already"


def _approve(facts: FlowObserved, after: ReleaseFlowStatus, old: LastHandled, new: LastHandled) -> str:
    release = after.release
    if new.approve in {"", old.approve} or (release is not None and new.approve == approval_of_promotion(release)):
        return ""
    if release is not None and new.approve in {known.run for known in release.further_runs}:
        return ""
    run = "none" if release is None else release.run
    if release is None or new.approve != run:
        return f"approve names {new.approve}, and the newest release's run is {run}: nothing is approved"
    if release.run_outcome is None or Approval.BEFORE_PROMOTION not in facts.spec.approvals:
        return ""
    return f"approve names {run}, which has ended: the promotion is approved by {approval_of_promotion(release)}"

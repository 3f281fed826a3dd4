"""How a command ended that was executed in a running container: our program there tells its end from a lost connection.

The container of our Job only holds the connection. Its own end says nothing of the command: what our program reports
does, and where it reports no end, the command may still be at work.
"""

from dataclasses import dataclass, replace

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.facts import ABSENT, ContainerFacts
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.reports import CommandReport, FailureReport, executed_report
from releaseflow.core.tools import files_check

_BY_SIGNAL = range(129, 193)
"""Exit codes of a command that a signal ended: 128 and its number."""


@dataclass(frozen=True)
class NotBegun:
    """The command was never begun."""

    why: str


@dataclass(frozen=True)
class Lost:
    """Whether the command has ended is not known, or it was killed: it, or what it began, may still be at work."""

    why: str
    pod: str = ""
    """Pod that it was executed in; empty where that is not known."""


def executes(spec: MigrationRunSpec) -> bool:
    """Whether the commands of a run are executed in a container that runs already."""
    return spec.migration.running_container is not None


def executes_check(spec: MigrationRunSpec) -> bool:
    """Whether its check is: the names of files are compared by a container of ours."""
    return executes(spec) and files_check(spec) is ABSENT


def end_of_command(container: ContainerFacts) -> ContainerFacts | NotBegun | Lost:
    """Return the container that a command was executed in as if it had ended with it."""
    report = executed_report(container.message)
    if isinstance(report, FailureReport):
        return NotBegun(report.detail) if report.reason is Reason.NOT_EXECUTED else Lost(report.detail, report.pod)
    if not isinstance(report, CommandReport):
        return Lost("its container ended without a report of ours")
    if report.exit_code != container.exit_code:
        return Lost("its container ended otherwise than the command", report.pod)
    if report.exit_code in _BY_SIGNAL:
        return Lost(f"it was ended by signal {report.exit_code - _BY_SIGNAL.start + 1}", report.pod)
    return replace(container, image=report.image, image_id=report.image_id, message=report.log)


def see_that_it_has_ended(facts: RunObserved, pod: str) -> str:
    """Say where a command may still be at work, and how it is ended."""
    if pod:
        end = commands.delete_pod(facts.namespace, pod)
        return f"It may still be at work in pod {pod}. See that it has ended, or end it: {end}"
    return "It may still be at work in the pod that it was executed in: see that it has ended"

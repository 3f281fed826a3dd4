"""Gate Checked: a release with nothing pending costs one Job, and no backup."""

from releaseflow.api.failure import Failure
from releaseflow.api.migration_run import MigrationRunStatus, StepName, StepOutcome, StepStatus
from releaseflow.api.reasons import Reason
from releaseflow.core.decision import Opened
from releaseflow.core.hints import hint
from releaseflow.core.observed import ABSENT, Absent, ContainerSeen, JobSeen, PodPhase, PodSeen
from releaseflow.core.run.attempt import followed, tried_again
from releaseflow.core.run.observed import RunObserved
from releaseflow.core.run.record import Finished, Turn, ended, step_of
from releaseflow.core.tools import has_look

CONTAINER = "look"


def nothing_is_pending(seen: RunObserved) -> Turn:
    """Finish the run where the tool says that nothing is pending; open for everything else."""
    if not has_look(seen.spec):
        return Turn(Opened(Reason.NOT_CHECKED, "No check is configured: backing up and migrating always"), seen.status)
    step = step_of(seen.status, StepName.LOOK)
    if isinstance(step, StepStatus) and step.outcome is not None:
        return _answered(seen.status, step.exit_code)
    over = followed(seen, StepName.LOOK, Reason.LOOKING)
    if isinstance(over, Turn):
        return over
    code = exit_code(seen, over.job, over.pod)
    if code is None:
        return tried_again(seen, over.step, Reason.LOOKING, _unanswered(seen, over.job, over.pod))
    return _answered(ended(seen, over.step, StepOutcome.SUCCEEDED, exit_code=code, job_uid=over.job.uid), code)


def exit_code(seen: RunObserved, job: JobSeen, pod: PodSeen | Absent) -> int | None:
    """Return the exit code that a look ended with, from the Job itself or from its pod; None where nobody knows it.

    That nothing is pending lets an image through, so it is believed only with the pod's own word.
    """
    container = ABSENT if pod is ABSENT else pod.container(CONTAINER)
    code = None if container is ABSENT else container.exit_code
    if job.complete:
        proven = pod is not ABSENT and pod.phase is PodPhase.SUCCEEDED and _ran(container, seen.spec.image)
        return 0 if proven and code == 0 else None
    if job.failed_exit_code is not None:
        return job.failed_exit_code or None
    return None if code == 0 or job.failed_reason == "DeadlineExceeded" else code


def _ran(container: ContainerSeen | Absent, image: str) -> bool:
    return container is not ABSENT and container.started and container.image == image


def _answered(record: MigrationRunStatus, code: int | None) -> Turn:
    """Read the answer of a look: 0 is nothing pending, any other code is something pending."""
    if code == 0:
        return Turn(Finished(Reason.NOTHING_PENDING, "Nothing is pending: no backup, no migration"), record)
    return Turn(Opened(Reason.MIGRATION_PENDING, f"The check exited with {code}: something is pending"), record)


def _unanswered(seen: RunObserved, job: JobSeen, pod: PodSeen | Absent) -> Failure:
    why = f"the check gave no answer ({job.failed_reason or 'its pod does not say how it ended'})"
    return Failure(
        step=StepName.LOOK,
        reason=Reason.CHECK_FAILED,
        pod="" if pod is ABSENT else pod.name,
        hint=f"{why}. {hint(Reason.CHECK_FAILED, seen)}"[:1024],
    )

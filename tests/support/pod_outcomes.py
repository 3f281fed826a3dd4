"""What becomes of the pod of a step, in the world of the tests."""

from dataclasses import dataclass, replace

from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ContainerFacts, JobFacts, PodPhase
from tests.support import builders


@dataclass(frozen=True)
class Fate:
    """How a pod ends, and what the Job controller makes of it."""

    containers: tuple[ContainerFacts, ...]
    failed_reason: str = ""
    """Reason of the Job's Failed condition; empty for a Job that is complete."""
    exit_code: int | None = None
    """Exit code that a pod failure policy leaves in the condition."""

    @property
    def phase(self) -> PodPhase:
        """Phase that the pod ends in."""
        return PodPhase.FAILED if self.failed_reason else PodPhase.SUCCEEDED

    @property
    def well(self) -> bool:
        """Whether each container of the step ends with 0, whatever becomes of the pod."""
        ours = [container for container in self.containers if container.name in set(ContainerName)]
        return bool(ours) and all(container.ended_well for container in ours)

    def running(self, image: str) -> tuple[ContainerFacts, ...]:
        """Return the containers as they run."""
        return tuple(replace(c, exit_code=None, message="", ended_by="", ended=False) for c in self.ended(image))

    def ended(self, image: str) -> tuple[ContainerFacts, ...]:
        """Return the containers as they end; those of the application have its image."""
        return tuple(replace(c, image=image) if c.name in {"check", "migrate", "hook"} else c for c in self.containers)

    def judged(self, job: JobFacts) -> JobFacts:
        """Return the Job as its controller judges it."""
        if not self.failed_reason:
            return replace(job, complete=True)
        return replace(job, failed=True, failed_reason=self.failed_reason, failed_exit_code=self.exit_code)


def checked(code: int) -> Fate:
    """A check that ended with a code."""
    if code == 0:
        return Fate((builders.container("check", 0),))
    return Fate((builders.container("check", code),), "PodFailurePolicy", code)


def backed_up(message: str = "") -> Fate:
    """A backup that ended well, whatever it says."""
    return Fate((builders.container("backup", message=message or builders.backup_says()),))


def recorded(point: str = "") -> Fate:
    """A point in time that was recorded, whatever the database says."""
    return Fate((builders.container("point", message=point or builders.point_says()),))


def backup_failed(reason: str) -> Fate:
    """A backup that says why it failed."""
    backup = builders.container("backup", 1, builders.failure_says(reason), ended_by="Error")
    return Fate((backup,), "BackoffLimitExceeded")


def not_recorded(reason: str) -> Fate:
    """A point in time that was not recorded, and why."""
    point = builders.container("point", 1, builders.failure_says(reason), ended_by="Error")
    return Fate((point,), "BackoffLimitExceeded")


def migrated(report: str = "") -> Fate:
    """A migration that ended well, whatever the database says."""
    report = report or builders.schema_says()
    return Fate((builders.container("migrate"), builders.container("report", message=report)))


def migration_failed(code: int = 1, log: str = "column already exists") -> Fate:
    """A migration that ended with an error."""
    container = builders.container("migrate", code, log, ended_by="Error")
    return Fate((container, builders.container("report", None, started=False)), "BackoffLimitExceeded")


def not_ended(report: str) -> Fate:
    """A command that was executed in another container, of which our own reports no end."""
    container = builders.container("migrate", 126, report, ended_by="Error")
    return Fate((container, builders.container("report", None, started=False)), "BackoffLimitExceeded")


def executed(container: ContainerFacts) -> ContainerFacts:
    """Return a container of ours that executed in another one what this container did; one that was killed has lost it.

    What reports no end stays as it is.
    """
    if container.name not in {"check", "migrate"} or container.exit_code is None or container.message.startswith("{"):
        return container
    code = container.exit_code
    known = builders.command_says(code, container.message, image=container.image)
    message = known if container.ended_by or code in {0, 1} else builders.lost_says()
    return replace(container, image="releaseflow/operator:1", image_id="sha256:operator", message=message)


def asked(report: str = "") -> Fate:
    """A report after a failed migration, whatever the database says."""
    return Fate((builders.container("state", message=report or builders.schema_says()),))


def not_answered(reason: str = "SessionsAlive") -> Fate:
    """A report after a failed migration to which the database does not answer, and why."""
    state = builders.container("state", 1, builders.failure_says(reason), ended_by="Error")
    return Fate((state,), "BackoffLimitExceeded")


def hooked(code: int = 0, log: str = "no answer from shop") -> Fate:
    """A hook that ended with a code."""
    if code == 0:
        return Fate((builders.container("hook"),))
    return Fate((builders.container("hook", code, log, ended_by="Error"),), "BackoffLimitExceeded")


HOOKED = hooked()
NOTHING_PENDING = checked(0)
CHECKED = checked(1)
BACKED_UP = backed_up()
RECORDED = recorded()
MIGRATED = migrated()
CONNECTION_LOST = not_ended(builders.lost_says())
NOT_EXECUTED = not_ended(builders.failure_says("NotExecuted", "no pod of Deployment shop-console is ready"))
ROLLED_BACK = migration_failed(log="column already exists, rolled back")
AS_BEFORE = asked(builders.schema_says(fingerprint=builders.BEFORE, schemaVersion="shop.0001", tables=7))
CHANGED = asked()

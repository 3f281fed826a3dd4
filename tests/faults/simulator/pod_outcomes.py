"""What becomes of the pods of a scenario."""

from dataclasses import dataclass

from tests.faults.simulator.canary import ERROR
from tests.faults.simulator.database import Database, failure_says


@dataclass(frozen=True)
class End:
    """How a container ends."""

    code: int = 0
    message: str = ""


@dataclass(frozen=True)
class PodOutcomes:
    """How the pods of a scenario end."""

    backup_fails: bool = False
    migration_fails: bool = False
    broken: frozenset[str] = frozenset()
    """Images whose pods never become ready."""
    seconds: float = 0.25
    """How long the pod of a step runs."""
    phase_seconds: float = 0.25
    """How long after its containers' end the phase of a pod says so."""

    def end_of(self, container: str, image: str, database: Database) -> End:
        """Return how a container of a step ends."""
        match container:
            case "check":
                return End(int(database.is_pending(image)))
            case "backup":
                failure = End(1, failure_says("VolumeFull", f"no space left for the dump of {ERROR}"))
                return failure if self.backup_fails else End(0, database.backup_says())
            case "migrate":
                return End(1, f"connecting to {ERROR}\nerror: column already exists") if self.migration_fails else End()
            case "report" | "state":
                return End(0, database.report_says())
            case _:
                return End()

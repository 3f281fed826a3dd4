"""The releases in which things go wrong."""

from dataclasses import dataclass, field

from tests.faults.simulator.objects import NEW, NEWER, OLD
from tests.faults.simulator.pod_outcomes import PodOutcomes


@dataclass(frozen=True)
class Scenario:
    """A release, and how it ends where nothing goes wrong but what is said here."""

    name: str
    ready: str
    reason: str
    """Status and reason of the flow's Ready condition at the end."""
    image: str
    """Image of the workload at the end."""
    fates: PodOutcomes = field(default_factory=PodOutcomes)
    applied: tuple[str, ...] = (OLD,)
    """Images whose migration the database has had already."""
    progress_seconds: int = 600
    kind: str = "Deployment"
    """Kind of the workload."""
    has_client: bool = True
    """Whether the operator has a client for the database's engine; without one no backup is taken."""
    has_targets: bool = True
    """Whether the flow moves the workload's image; without targets it only migrates."""
    is_gated: bool = False
    """Whether the workload names the image, and admission holds it."""
    newer_image: bool = False
    """Whether the flow names another image as soon as the migration runs."""


ALL = (
    Scenario("good", "True", "Released", NEW),
    Scenario("nothing-pending", "True", "Released", NEW, applied=(OLD, NEW)),
    Scenario("backup-fails", "False", "VolumeFull", OLD, PodOutcomes(backup_fails=True)),
    Scenario("migration-fails", "False", "MigrationFailed", OLD, PodOutcomes(migration_fails=True)),
    Scenario("newer-image", "True", "Released", NEWER, newer_image=True),
    Scenario("statefulset", "True", "Released", NEW, kind="StatefulSet"),
    Scenario("without-client", "True", "Released", NEW, has_client=False),
    Scenario("migrate-only", "True", "Released", OLD, has_targets=False),
    Scenario("gate", "True", "Released", NEW, is_gated=True),
    Scenario("rollout-fails", "False", "RolloutFailed", NEW, PodOutcomes(broken=frozenset({NEW})), progress_seconds=2),
)
SCENARIOS = {scenario.name: scenario for scenario in ALL}

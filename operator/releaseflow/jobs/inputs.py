"""Everything that a Job is built from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.engines import client_image
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.retention import Prunable


class ContainerNotFoundError(Exception):
    """The workload has no container of the name to inherit from, or several and no name says which."""


@dataclass(frozen=True)
class JobInputs:
    """The facts behind one attempt at a step."""

    namespace: str
    run_name: str
    run_uid: str
    flow_name: str
    """Empty for a run made by hand."""
    flow_uid: str
    """Empty for a run made by hand."""
    spec: MigrationRunSpec
    step: StepType
    attempt: int
    name: str
    """Name of the Job."""
    pod_template: Mapping[str, Any]
    """Pod template of the workload to inherit from, as the cluster returned it; empty where there is none."""
    client_image: str
    """The operator's own image with the database's client programs."""
    operator_image: str
    """The operator's own image: what executes a command in another container is in it."""
    down_to: str = ""
    """The line of the tool's bookkeeping to go down to; empty for a run that migrates."""
    prunable: tuple[Prunable, ...] = ()
    shared_claims: frozenset[str] = frozenset()
    """Names of the workload's volume claims that many nodes may mount at once (ReadWriteMany)."""
    hook: Hook | Absent = ABSENT
    """The hook that the Job runs, where the step is one."""
    preferred_node: str = ""
    """Name of the node where the check ran; empty where that is not known, or for another step than the migration."""

    @property
    def required_hook(self) -> Hook:
        """The hook that the Job runs.

        Raises:
            ValueError: The step is none.
        """
        if self.hook is ABSENT:
            raise ValueError(f"step {self.step} runs no hook")
        return self.hook

    @property
    def backup_path(self) -> str:
        """Path of this attempt's backup in the place of backups."""
        return f"{self.flow_name or self.run_name}/{self.run_name}-{self.attempt}.dump"

    @property
    def chosen_client_image(self) -> str:
        """Image with the client programs: the user's or the operator's."""
        return client_image(self.spec, self.client_image)

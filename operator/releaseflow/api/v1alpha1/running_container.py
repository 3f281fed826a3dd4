"""The running container that a migration is executed in, where `migration.runIn` says so."""

from typing import ClassVar

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import FieldValueErrorReason, Rule
from releaseflow.api.v1alpha1.workload import MAKE_JOBS, WorkloadRef


class RunningContainer(ApiModel):
    """With runIn RunningContainer: the workload in whose pods the commands are executed.

    No Service selects it, for example a console with one replica. A flow moves it to the new image first.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"!(self.workloadRef.kind in {MAKE_JOBS})",
            "no pod of this kind stays, so nothing can be executed there: name a workload whose pods run all the time,"
            " or write runIn: Job",
            field=".workloadRef.kind",
        ),
    )

    workload_ref: WorkloadRef
    """Workload and container to execute in, for example `{name: shop-console, container: app}`.

    No target. A container that is named here is the only one that a flow moves; when left out, all whose image has the
    repository of the new one are moved, and the first of them is executed in.
    """


PROMOTES = Rule(
    "self.mode != 'Follow' || !has(self.migration.runningContainer)",
    "with mode Follow no image is written, and a running container needs the new one first: write mode: Promote, or"
    " leave runIn out",
    field=".migration.runIn",
    reason=FieldValueErrorReason.FORBIDDEN,
)
"""Holds for a flow."""
_REF = "self.migration.runningContainer.workloadRef"
NO_TARGET = Rule(
    "!has(self.targets) || !has(self.migration.runningContainer)"
    f" || !self.targets.exists(target, target.kind == {_REF}.kind && target.name == {_REF}.name)",
    "is a target, which gets the image after the migration: name a workload that no Service selects, such as a copy of"
    " the Deployment with one replica",
    field=".migration.runningContainer.workloadRef",
)
"""Holds for a flow."""

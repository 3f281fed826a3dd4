"""RunningContainer: the commands are executed in a container that runs already, by a Job of ours."""

from releaseflow.runners.runner import Field, Runner

_AMOUNTS = " || ".join(
    f"(has(self.resources.{part}) && has(self.resources.{part}.{name}))"
    for part in ("requests", "limits")
    for name in ("cpu", "memory", "ephemeral__dash__storage")
)
_THERE = "of the container that the command is executed in"


def _some(field: str, why: str) -> Field:
    return Field(field, why, given=f"size(self.{field}) > 0")


class RunningContainer(Runner):
    """The way `RunningContainer`."""

    name = "RunningContainer"
    summary = (
        "In a container of a workload that runs already, has the new image and receives no requests: a Job of the"
        " operator's executes them there."
    )
    suits = "For applications whose environment exists nowhere but in their pods, as a Vault agent or a mesh makes it."
    own = ("runningContainer",)
    requires = (
        Field(
            "runningContainer",
            "needs a workload to execute in: write runningContainer: {workloadRef: {name: shop-console}}",
        ),
        Field(
            "serviceAccountName",
            "needs a ServiceAccount of yours that may create pods/exec: write serviceAccountName: shop-migrator",
        ),
    )
    refuses = (
        Field("image", f"takes the image {_THERE}: leave image out"),
        Field("workingDir", f"takes the folder {_THERE}: leave workingDir out"),
        Field("runAsUser", f"takes the user {_THERE}: leave runAsUser out"),
        _some("env", f"takes the variables {_THERE}: leave env out, and write them there"),
        _some("sidecars", "has those of the pod that it executes in beside it: leave sidecars out"),
        _some("args", "has no entrypoint that could take them: write them into command"),
        Field("resources", f"takes the resources {_THERE}: leave resources out", given=f"({_AMOUNTS})"),
    )


RUNNER = RunningContainer()

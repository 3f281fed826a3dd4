"""The container of ours that executes a command in a running container of another pod."""

from typing import Any

from releaseflow.api.v1alpha1.pods import Resources
from releaseflow.api.v1alpha1.running_container import RunningContainer
from releaseflow.core.containers import ContainerName
from releaseflow.core.tools import migration_image
from releaseflow.jobs.containers import REPORT
from releaseflow.jobs.escape import literal
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.resources import client_resources
from releaseflow.jobs.security import client_container

_PROGRAM = ("python3", "-Pm", "releaseflow.executor")


def executor(
    inputs: JobInputs, name: ContainerName, command: tuple[str, ...], where: RunningContainer
) -> dict[str, Any]:
    """Return a container that executes a command where the flow says; its log and exit code are the command's."""
    ref = where.workload_ref
    told = {
        "namespace": inputs.namespace,
        "kind": ref.kind,
        "name": ref.name,
        "container": ref.container or "",
        "image": migration_image(inputs.spec),
        "report": REPORT,
    }
    return {
        "name": name,
        "image": inputs.operator_image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(_PROGRAM),
        "args": [literal(word) for word in command],
        "env": [{"name": f"RELEASEFLOW_{key.upper()}", "value": value} for key, value in told.items()],
        "resources": client_resources(Resources()),
        "securityContext": client_container(),
        "terminationMessagePath": REPORT,
    }

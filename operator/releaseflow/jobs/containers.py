"""The containers of a Job: the application's, and our own with the database's client programs."""

import re
from dataclasses import dataclass
from typing import Any

from releaseflow.core.containers import ContainerName
from releaseflow.core.engines import bookkeeping_program, required_client
from releaseflow.core.tools import environment_of_tool, migration_image
from releaseflow.destinations.destination import NO_ACCESS, Access
from releaseflow.jobs.environment import environment
from releaseflow.jobs.inheritance import inherited_container, inherited_mounts, inherited_volumes
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.resources import application_resources, client_resources
from releaseflow.jobs.security import application_container, client_container

SCRATCH_VOLUME = "releaseflow-scratch"
SCRATCH: dict[str, Any] = {"name": SCRATCH_VOLUME, "emptyDir": {}}

_REPORT = "/dev/termination-log"
_SCRATCH_PATH = "/tmp"  # noqa: S108 (the pod's own)
_READ_BY_THE_KUBELET = re.compile(r"\$(?=[$(])")


@dataclass(frozen=True)
class Command:
    """What a container runs; empty parts leave it to the image."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


def application(inputs: JobInputs, name: ContainerName, command: Command) -> dict[str, Any]:
    """Return a container that runs the migration's image as the workload would."""
    inherited, migration = inherited_container(inputs), inputs.spec.migration
    container: dict[str, Any] = {
        "name": name,
        "image": migration_image(inputs.spec),
        "imagePullPolicy": inherited.get("imagePullPolicy"),
        "command": list(command.command),
        "args": list(command.args),
        "workingDir": migration.working_dir or inherited.get("workingDir"),
        "env": environment(inputs, [*_of_tool(inputs), *(inherited.get("env") or [])], migration.env),
        "envFrom": inherited.get("envFrom"),
        "resources": application_resources(inherited, migration.resources),
        "securityContext": application_container(inherited.get("securityContext") or {}, migration.run_as_user),
        "volumeMounts": inherited_mounts(inherited, inherited_volumes(inputs)),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    return _without_empty(container)


def _of_tool(inputs: JobInputs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in environment_of_tool(inputs.spec.migration).items()]


def client(
    inputs: JobInputs, name: ContainerName, script: str, access: Access = NO_ACCESS, **settings: str
) -> dict[str, Any]:
    """Return a container that runs one of our scripts and knows no secret.

    Args:
        inputs: The facts behind the Job.
        name: Name of the container.
        script: Program for `sh -c`.
        access: The way to the place of backups, where it needs one.
        settings: Values of the variables RELEASEFLOW_<name> of the script.
    """
    told = {"report": _REPORT, "scratch": _SCRATCH_PATH, **settings}
    return {
        "name": name,
        "image": inputs.chosen_client_image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", _literal(script), f"releaseflow-{name}"],
        "env": [
            *access.env,
            *({"name": f"RELEASEFLOW_{key.upper()}", "value": _literal(value)} for key, value in told.items()),
        ],
        "resources": client_resources(inputs.spec.database.client.resources),
        "securityContext": client_container(),
        "volumeMounts": [{"name": SCRATCH_VOLUME, "mountPath": _SCRATCH_PATH}, *access.mounts],
        "terminationMessagePath": _REPORT,
    }


def database_client(
    inputs: JobInputs, name: ContainerName, script: str, access: Access = NO_ACCESS, **settings: str
) -> dict[str, Any]:
    """Return a container that runs one of our scripts with a way to the database; arguments as for client."""
    bookkeeping = bookkeeping_program(inputs.spec, required_client(inputs.spec))
    container = client(inputs, name, script, access, bookkeeping=bookkeeping, **settings)
    return {**container, "env": environment(inputs, [], inputs.spec.database.client.env) + container["env"]}


def _literal(text: str) -> str:
    """Keep the kubelet from reading a shell's `$(command)` as a reference to a variable, and `$$` as an escape."""
    return _READ_BY_THE_KUBELET.sub("$$", text)


def _without_empty(container: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in container.items() if value not in (None, "", [], {})}

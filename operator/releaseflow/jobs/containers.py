"""The containers of a Job: the application's, and our own with the database's client programs."""

from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.core.containers import ContainerName
from releaseflow.core.engines import bookkeeping_program, required_client
from releaseflow.core.run.hook_ends import hook_image
from releaseflow.core.tools import migration_image
from releaseflow.destinations.destination import NO_ACCESS, Access
from releaseflow.jobs.environment import application_environment, client_environment
from releaseflow.jobs.escape import literal
from releaseflow.jobs.inheritance import inherited_container, inherited_mounts, inherited_volumes
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.resources import application_resources, client_resources
from releaseflow.jobs.security import application_container, client_container

REPORT = "/dev/termination-log"
"""Path of what a container of ours reports."""
_PROGRAM = ("python3", "-SPm", "releaseflow.steps")
"""Our own program in the client image, started without what it does not need."""


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
        "env": application_environment(inputs),
        "envFrom": inherited.get("envFrom"),
        "resources": application_resources(inherited, migration.resources),
        "securityContext": application_container(inherited.get("securityContext") or {}, migration.run_as_user),
        "volumeMounts": inherited_mounts(inherited, inherited_volumes(inputs)),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    return _without_empty(container)


def hook_container(inputs: JobInputs, hook: Hook) -> dict[str, Any]:
    """Return the container of a hook: the application's, with what the hook has in place of what the migration has."""
    container = application(inputs, ContainerName.HOOK, Command(hook.command, hook.args))
    resources = application_resources(inherited_container(inputs), hook.resources)
    return _without_empty({**container, "image": hook_image(hook, inputs.spec.image), "resources": resources})


def client(inputs: JobInputs, name: ContainerName, access: Access = NO_ACCESS, **settings: str) -> dict[str, Any]:
    """Return a container that runs a step of our own program, called as the container is, with a way to the database.

    Args:
        inputs: The facts behind the Job.
        name: Name of the container, and of the step.
        access: The way to the place of backups, where it needs one.
        settings: Values of the variables RELEASEFLOW_<name> of the step.
    """
    spec = inputs.spec
    bookkeeping = bookkeeping_program(spec, required_client(spec))
    told = {"report": REPORT, "engine": spec.database.engine, "bookkeeping": bookkeeping, **settings}
    ours = ({"name": f"RELEASEFLOW_{key.upper()}", "value": literal(value)} for key, value in told.items())
    way = client_environment(inputs)
    container = {
        "name": name,
        "image": inputs.chosen_client_image,
        "imagePullPolicy": "IfNotPresent",
        "command": [*_PROGRAM, name],
        "env": [*way.env, *access.env, *ours],
        "envFrom": list(way.env_from),
        "resources": client_resources(spec.database.client.resources),
        "securityContext": client_container(),
        "volumeMounts": list(access.mounts),
        "terminationMessagePath": REPORT,
    }
    return _without_empty(container)


def _without_empty(container: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in container.items() if value not in (None, "", [], {})}

"""A migration that runs as the pods of a target start: an init container before them, or a command before theirs."""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from releaseflow.api.v1alpha1.metadata import MIGRATES_FOR
from releaseflow.core.containers import ContainerName
from releaseflow.core.engines import client_of, session_name
from releaseflow.core.facts import ABSENT
from releaseflow.core.tools import environment_of_tool, migrate_command
from releaseflow.jobs.containers import Command, application
from releaseflow.jobs.escape import literal
from releaseflow.jobs.inheritance import inherited_container
from releaseflow.jobs.inputs import JobInputs

_REFERENCE = re.compile(r"\$\$|\$\((?P<name>[A-Za-z_][A-Za-z0-9_]*)\)")
"""What the kubelet reads in a word: an escaped `$`, or a reference to a variable."""


def with_migration(inputs: JobInputs, images: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the containers of a promotion, by their group, with the migration in them.

    Args:
        inputs: The facts behind the migration.
        images: Name and image of the containers to move, by their group.

    Raises:
        ContainerNotFoundError: The target has no container to inherit from.
    """
    if inputs.spec.migration.start_command is None:
        return {**images, "initContainers": [*images.get("initContainers", []), _init_container(inputs)]}
    name = inherited_container(inputs)["name"]
    first = {"command": ["sh", "-c", _script(inputs)]}
    moved = [{**container, **first} if container["name"] == name else container for container in images["containers"]]
    return {**images, "containers": moved}


def mark(inputs: JobInputs) -> dict[str, str]:
    """Return the annotation of pods that carry out a run's migration: with another run they are other pods."""
    return {MIGRATES_FOR: inputs.run_name}


def _init_container(inputs: JobInputs) -> dict[str, Any]:
    """Return the container of the migration's Job, with all that the target's own container mounts.

    A server-side apply takes a variable only once: of one that is there twice the last one counts, as in a container.
    """
    options = inputs.spec.migration
    container = application(inputs, ContainerName.STARTUP, Command(migrate_command(options), options.args))
    mounts = inherited_container(inputs).get("volumeMounts") or []
    once = {variable["name"]: variable for variable in container.get("env") or []}
    rest = {"env": list(once.values()), "volumeMounts": list(mounts)}
    return {**container, "name": ContainerName.STARTUP.value, **{key: value for key, value in rest.items() if value}}


def _script(inputs: JobInputs) -> str:
    """Return what the shell runs: the migration under its own variables, then the application in its place."""
    options = inputs.spec.migration
    own = {variable["name"] for variable in inherited_container(inputs).get("env") or []}
    of_tool = {name: value for name, value in environment_of_tool(options).items() if name not in own}
    variables = {**of_tool, **_session(inputs)}
    before = [f"{name}={_word(value)}" for name, value in variables.items()]
    migrate = " ".join((*before, *_words((*migrate_command(options), *options.args))))
    return f"{migrate} && exec {' '.join(_words(options.start_command or ()))}"


def _session(inputs: JobInputs) -> dict[str, str]:
    """Name the sessions of the migration, and not those of the application: they outlive it."""
    client = client_of(inputs.spec)
    return {} if client is ABSENT else {client.session.variable: session_name(client.session, inputs.run_name)}


def _words(words: Iterable[str]) -> list[str]:
    return [_word(word) for word in words]


def _word(word: str) -> str:
    """Return a word for the shell; a reference to a variable is one there as well, and its value stays one word."""
    parts, end = list[str](), 0
    for found in _REFERENCE.finditer(word):
        variable = found["name"]
        parts += [_quoted(word[end : found.start()]), _quoted("$") if variable is None else f'"${{{variable}}}"']
        end = found.end()
    return "".join((*parts, _quoted(word[end:]))) or "''"


def _quoted(text: str) -> str:
    return literal(shlex.quote(text)) if text else ""

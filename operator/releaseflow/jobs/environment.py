"""The environment of a Job's containers: ours wins over the user's, the user's over what is inherited."""

from collections.abc import Mapping
from typing import Any

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.connection import FromEnv
from releaseflow.api.v1alpha1.pods import EnvVar
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.engines import client_of, session_name
from releaseflow.core.facts import ABSENT
from releaseflow.core.tools import environment_of_tool
from releaseflow.jobs.connection import Environment, connection
from releaseflow.jobs.inheritance import inherited_container
from releaseflow.jobs.inputs import JobInputs


def application_environment(inputs: JobInputs) -> list[dict[str, Any]]:
    """Return the environment of a container of the application, which finds the database as it does elsewhere.

    A variable that replaces another takes its place, since later ones may refer to it as `$(NAME)`. What is inherited
    stays in its order, also where it defines a name twice: variables between the two refer to the first one. What a
    tool needs of the others, by `$(NAME)`, comes last.
    """
    ours = _urls(inputs) | _session(inputs)
    given = inputs.spec.migration.env if inputs.hook is ABSENT else inputs.hook.env
    rest = {v.name: source_of(v) for v in given if v.name not in ours}
    replaced = frozenset(rest)
    entries = _entries(ours)
    for variable in _inherited(inputs):
        name = variable["name"]
        if name in rest:
            entries.append({"name": name, **rest.pop(name)})
        elif name not in ours and name not in replaced and _may_stay(variable):
            entries.append(dict(variable))
    taken = {entry["name"] for entry in entries} | rest.keys()
    referring = {
        name: {"value": value} for name, value in _of_tool(inputs, referring=True).items() if name not in taken
    }
    return entries + _entries(rest) + _entries(referring)


def client_environment(inputs: JobInputs) -> Environment:
    """Return the environment of a container of ours that reaches the database.

    The application's variables come first, under names of ours: so none of them can refer to anything else.
    """
    database = inputs.spec.database
    container: dict[str, Any] = {}
    if isinstance(database.way, FromEnv):
        container = {"env": application_environment(inputs), "envFrom": inherited_container(inputs).get("envFrom")}
    way = connection(database, container)
    given = {variable.name: source_of(variable) for variable in database.client.env} | _session(inputs)
    return Environment((*way.env, *_entries(given)), way.env_from)


def _inherited(inputs: JobInputs) -> list[Mapping[str, Any]]:
    """Return the variables of the tool, and those of the workload's container, which win over them."""
    own: list[Mapping[str, Any]] = inherited_container(inputs).get("env") or []
    names = {variable["name"] for variable in own}
    of_tool = _of_tool(inputs, referring=False).items()
    return [*({"name": name, "value": value} for name, value in of_tool if name not in names), *own]


def _of_tool(inputs: JobInputs, *, referring: bool) -> Mapping[str, str]:
    """Return the variables of the tool: those that refer to others, or those that do not; a hook runs no tool."""
    if inputs.hook is not ABSENT:
        return {}
    variables = environment_of_tool(inputs.spec.migration).items()
    return {name: value for name, value in variables if ("$(" in value) is referring}


def _urls(inputs: JobInputs) -> dict[str, dict[str, Any]]:
    """Return what takes the place of the application's own connection: nothing, unless a Secret names another URL."""
    secret = inputs.spec.database.url_secret_ref
    if secret is None:
        return {}
    source = {"valueFrom": {"secretKeyRef": to_dict(secret)}}
    return dict.fromkeys(inputs.spec.database.replaced_variables, source)


def _session(inputs: JobInputs) -> dict[str, dict[str, Any]]:
    client = client_of(inputs.spec)
    if client is ABSENT:
        return {}
    return {client.session.variable: {"value": session_name(client.session, _session_of(inputs))}}


def _session_of(inputs: JobInputs) -> str:
    """Return what the sessions of a step are called after: a report has to tell those of its migration from its own."""
    return f"{inputs.run_name}-report" if inputs.step is StepType.REPORT else inputs.run_name


def _entries(variables: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, **source} for name, source in variables.items()]


def _may_stay(variable: Mapping[str, Any]) -> bool:
    """Resource fields may name a container that the Job does not have."""
    return "resourceFieldRef" not in (variable.get("valueFrom") or {})


def source_of(variable: EnvVar) -> dict[str, Any]:
    """Return where a variable's value comes from, as a container has it."""
    if variable.value_from is None:
        return {"value": variable.value or ""}
    return {"valueFrom": to_dict(variable.value_from)}

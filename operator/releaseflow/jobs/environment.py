"""The environment of a Job's containers: ours wins over the user's, the user's over what is inherited."""

from collections.abc import Iterable, Mapping
from typing import Any

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.pods import EnvVar
from releaseflow.core.engines import client_of, session_name
from releaseflow.core.facts import ABSENT
from releaseflow.jobs.inputs import JobInputs


def environment(inputs: JobInputs, inherited: Iterable[Mapping[str, Any]], given: Iterable[EnvVar]) -> list[Any]:
    """Return the environment of a container.

    A variable that replaces another takes its place, since later ones may refer to it as `$(NAME)`.
    """
    ours: dict[str, Any] = {
        "DATABASE_URL": {"valueFrom": {"secretKeyRef": to_dict(inputs.spec.database.url_secret_ref)}},
    }
    client = client_of(inputs.spec)
    if client is not ABSENT:
        ours[client.session.variable] = {"value": session_name(client.session, inputs.run_name)}
    variables = dict(ours)
    variables |= {v["name"]: {k: x for k, x in v.items() if k != "name"} for v in inherited if _may_stay(v)}
    variables |= {v.name: _source(v) for v in given}
    variables |= ours
    return [{"name": name, **source} for name, source in variables.items()]


def _may_stay(variable: Mapping[str, Any]) -> bool:
    """Resource fields may name a container that the Job does not have."""
    return "resourceFieldRef" not in (variable.get("valueFrom") or {})


def _source(variable: EnvVar) -> dict[str, Any]:
    if variable.value_from is None:
        return {"value": variable.value or ""}
    return {"valueFrom": to_dict(variable.value_from)}

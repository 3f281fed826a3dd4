"""How our own containers reach the database: by the sources of the application's variables, never by their values.

Nothing of the application may steer our programs (PGHOST, PATH, LD_PRELOAD), so each variable that is copied gets a
name of ours, also where others refer to it as `$(NAME)`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from releaseflow.api.schema.base import to_dict
from releaseflow.api.v1alpha1.connection import FromEnv, Parameter, Parameters
from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.pods import SecretKeyRef
from releaseflow.core.engines import client_of
from releaseflow.core.facts import ABSENT
from releaseflow.jobs.escape import literal

APPLICATION = "RELEASEFLOW_APP_"
"""What the names of the application's variables begin with in our own containers."""
OURS = "RELEASEFLOW_DATABASE_"
"""What the names begin with under which our programs find the connection: URL, or HOST, PORT and the others."""
_SOURCES = ("secretKeyRef", "configMapKeyRef", "fieldRef")
"""What says the same in another pod of the namespace."""
_EXPANDED = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\)|.)", re.DOTALL)
"""What the kubelet reads in a value: an escaped `$`, a reference, or a `$` alone."""


@dataclass(frozen=True)
class Environment:
    """What a container has as `env` and `envFrom`."""

    env: tuple[dict[str, Any], ...] = ()
    env_from: tuple[dict[str, Any], ...] = ()


def connection(database: Database, container: Mapping[str, Any]) -> Environment:
    """Return what our own containers need to reach a database.

    Args:
        database: The way to it.
        container: The application's container.
    """
    match database.way:
        case SecretKeyRef() as secret:
            return Environment(({"name": f"{OURS}URL", "valueFrom": {"secretKeyRef": to_dict(secret)}},))
        case Parameters() as parameters:
            return Environment(tuple(_from_parameter(part, given) for part, given in parameters.given.items()))
        case FromEnv() as variables:
            copied = _copied(container, variables.named.values())
            ours = (_reference(part, name) for part, name in variables.named.items())
            return Environment((*copied.env, *ours), copied.env_from)


def missing_variables(spec: MigrationRunSpec, container: Mapping[str, Any]) -> tuple[str, ...]:
    """Return those of the variables with the connection that neither the application's container nor the run can have.

    Which variables an envFrom brings is not known without reading it: what it may bring counts as there. Where we have
    no client for the engine, nothing of ours needs a connection.
    """
    if client_of(spec) is ABSENT:
        return ()
    match spec.database.way:
        case SecretKeyRef() | Parameters():
            return ()
        case FromEnv() as variables:
            own = {entry.get("name"): entry for entry in container.get("env") or []}
            names = set(variables.named.values()) - {variable.name for variable in spec.migration.env}
            return tuple(name for name in sorted(names) if not _may_be_there(name, own, container))


def _may_be_there(name: str, own: Mapping[Any, Mapping[str, Any]], container: Mapping[str, Any]) -> bool:
    if name in own:
        return _has_copyable_source(own[name])
    return any(_may_bring(source, name) for source in container.get("envFrom") or [])


def _from_parameter(part: str, given: Parameter) -> dict[str, Any]:
    name = f"{OURS}{part.upper()}"
    if given.secret_key_ref is not None:
        return {"name": name, "valueFrom": {"secretKeyRef": to_dict(given.secret_key_ref)}}
    if given.config_map_key_ref is not None:
        return {"name": name, "valueFrom": {"configMapKeyRef": to_dict(given.config_map_key_ref)}}
    return {"name": name, "value": literal(given.value or "")}


def _reference(part: str, name: str) -> dict[str, Any]:
    return {"name": f"{OURS}{part.upper()}", "value": f"$({APPLICATION}{name})"}


def _copied(container: Mapping[str, Any], names: Iterable[str]) -> Environment:
    """Return the application's variables of these names, and those that they refer to, under names of ours."""
    entries, still_needed = _needed(container.get("env") or [], names)
    sources = [s for s in container.get("envFrom") or [] if any(_may_bring(s, name) for name in still_needed)]
    defined: set[str] = set()
    env: list[dict[str, Any]] = []
    for entry in entries:
        env.append(_renamed(entry, lambda name: name in defined or any(_may_bring(s, name) for s in sources)))
        defined.add(entry["name"])
    prefixed = ({**source, "prefix": f"{APPLICATION}{source.get('prefix') or ''}"} for source in sources)
    return Environment(tuple(env), tuple(prefixed))


def _needed(
    entries: Iterable[Mapping[str, Any]], names: Iterable[str]
) -> tuple[list[Mapping[str, Any]], frozenset[str]]:
    """Return the entries that define some variables or what these refer to, and which names none of them defines.

    A later entry of a name replaces an earlier one, unless it is optional; entries between them refer to the
    earlier one.
    """
    needed, found = set(names), list[Mapping[str, Any]]()
    for entry in reversed(list(entries)):
        if entry.get("name") not in needed:
            continue
        if not _may_define_nothing(entry):
            needed.discard(entry["name"])
        if _has_copyable_source(entry):
            needed |= _references(entry.get("value") or "")
            found.append(entry)
    return found[::-1], frozenset(needed)


def _may_define_nothing(entry: Mapping[str, Any]) -> bool:
    """Whether an entry leaves an earlier one of its name as it is: where its optional object or key does not exist."""
    sources: Iterable[Any] = (entry.get("valueFrom") or {}).values()
    return any(source.get("optional") for source in sources)


def _has_copyable_source(entry: Mapping[str, Any]) -> bool:
    source: Mapping[str, Any] = entry.get("valueFrom") or {}
    return not source or any(kind in source for kind in _SOURCES)


def _may_bring(source: Mapping[str, Any], name: str) -> bool:
    return name.startswith(source.get("prefix") or "")


def _references(value: str) -> set[str]:
    return {found["name"] for found in _EXPANDED.finditer(value) if found["name"] is not None}


def _renamed(entry: Mapping[str, Any], resolves: Callable[[str], bool]) -> dict[str, Any]:
    """Return a variable under a name of ours; a reference that leads nowhere stays, as the kubelet leaves it."""

    def followed(found: re.Match[str]) -> str:
        name = found["name"]
        return found[0] if name is None or not resolves(name) else f"$({APPLICATION}{name})"

    given = {key: entry[key] for key in ("value", "valueFrom") if entry.get(key)}
    if "value" in given:
        given["value"] = _EXPANDED.sub(followed, given["value"])
    return {"name": f"{APPLICATION}{entry['name']}", **given}

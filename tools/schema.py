"""Structural schemas, as a CRD wants them, from the models of the API."""

import inspect
from collections.abc import Mapping
from typing import Any

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import LIST_MAP_KEYS, LIST_TYPE, VALIDATIONS

Schema = dict[str, Any]

ORDER = (
    "description",
    "type",
    "format",
    "default",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxProperties",
    LIST_TYPE,
    LIST_MAP_KEYS,
    "required",
    "properties",
    "additionalProperties",
    "items",
    VALIDATIONS,
)
"""Keys of a schema in the order that a person reads them; other keys have no place in a structural schema."""

INT32_MAXIMUM = 2**31 - 1
NAMED_VALUES = 8
"""So many values of an open enum are named in its description; more are left to the reference."""


def spec_schema(model: type[ApiModel]) -> Schema:
    """The schema of a spec: what a user writes, checked in full."""
    return _with_defaults_in_words(full_schema(model))


def status_schema(model: type[ApiModel]) -> Schema:
    """The schema of a status: bounded, but open to the values of an operator that is newer than its CRDs.

    Without enums, rules and defaults: what the operator has seen must never be refused for its looks,
    and the API server must not make up a status.
    """
    return _opened(full_schema(model))


def full_schema(model: type[ApiModel]) -> Schema:
    """The schema with all that the model says of itself, and nothing more."""
    document = model.model_json_schema(by_alias=True)
    return _structural(document, document.get("$defs", {}))


def _structural(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    merged = _resolved(node, definitions)
    if "properties" in merged:
        merged["properties"] = {name: _structural(p, definitions) for name, p in merged["properties"].items()}
    if "items" in merged:
        merged["items"] = _structural(merged["items"], definitions)
    if merged["type"] == "integer":
        merged.setdefault("format", "int32" if merged.get("maximum", INT32_MAXIMUM + 1) <= INT32_MAXIMUM else "int64")
    if "description" in merged:
        merged["description"] = _unwrapped(merged["description"])
    default = _significant(merged.pop("default", None))
    if default is not None:
        merged["default"] = default
    return _ordered(merged)


def _resolved(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The node without references and without alternatives: what is optional is not required, and never null."""
    if "$ref" in node:
        target = definitions[node["$ref"].removeprefix("#/$defs/")]
        return {**_resolved(target, definitions), **{key: value for key, value in node.items() if key != "$ref"}}
    if "anyOf" in node:
        [chosen] = [option for option in node["anyOf"] if option.get("type") != "null"]
        return {**_resolved(chosen, definitions), **{key: value for key, value in node.items() if key != "anyOf"}}
    return dict(node)


def _significant(default: Any) -> Any:
    """A default without what says nothing: an empty text, list or object is the same as a field left out."""
    if isinstance(default, Mapping):
        default = {name: kept for name, value in default.items() if (kept := _significant(value)) is not None}
    return None if default in ("", [], {}, None) else default


def _opened(node: Schema) -> Schema:
    opened = {key: value for key, value in node.items() if key not in {"default", "enum", VALIDATIONS}}
    if "properties" in node:
        opened["properties"] = {name: _opened(p) for name, p in node["properties"].items()}
    if "items" in node:
        opened["items"] = _opened(node["items"])
        for key in node.get(LIST_MAP_KEYS, []):
            opened["items"]["required"] = sorted({*opened["items"].get("required", []), key})
    if "enum" in node:
        opened |= {"maxLength": 64, "pattern": "^[A-Za-z]+$", "description": _with_values(node)}
    return _ordered(opened)


def _with_values(node: Schema) -> str:
    description: str = node["description"]
    return description if len(node["enum"]) > NAMED_VALUES else f"{description} One of: {', '.join(node['enum'])}."


def _with_defaults_in_words(node: Schema) -> Schema:
    """The same schema, with defaults in the descriptions too: `kubectl explain` does not print them otherwise."""
    schema = dict(node)
    if "properties" in node:
        schema["properties"] = {name: _with_defaults_in_words(p) for name, p in node["properties"].items()}
    if "items" in node:
        schema["items"] = _with_defaults_in_words(node["items"])
    if isinstance(node.get("default"), str | int):
        schema["description"] = f"{node['description']} Default: {scalar(node['default'])}."
    return schema


def scalar(value: str | int) -> str:
    """A value as it is written in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unwrapped(text: str) -> str:
    """The paragraphs of a docstring, each in one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n"))


def _ordered(node: Schema) -> Schema:
    return {key: node[key] for key in ORDER if key in node}

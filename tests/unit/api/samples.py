"""What the API server does with an object (prune, default, check), and objects with every field set."""

from typing import Any

TIME = "2026-01-31T12:00:00Z"
SCALARS = {"boolean": True, "integer": 10, "string": "web"}
AMOUNTS = {
    "cpu": "500m",
    "workingDir": "/app",
    "folder": "/app/migrations",
    "memory": "256Mi",
    "ephemeral-storage": "1Gi",
    "attempt": 2,
    "expired": 1,
    "maximumAgeSeconds": 3600,
}


def sample(schema: dict[str, Any]) -> Any:
    """A value that sets everything in the schema, also what may be left out."""
    if "properties" in schema:
        return {name: AMOUNTS.get(name) or sample(inner) for name, inner in schema["properties"].items()}
    if "additionalProperties" in schema:
        return {"web": sample(schema["additionalProperties"])}
    if "items" in schema:
        return [sample(schema["items"])]
    if "enum" in schema:
        return schema["enum"][-1]
    if schema.get("minLength", 0) > 1:
        return "a sentence for a person"
    return TIME if schema.get("format") == "date-time" else SCALARS[schema["type"]]


def pruned(value: Any, schema: dict[str, Any]) -> Any:
    """The value as the API server stores it: unknown fields dropped, defaults filled in.

    Raises:
        AssertionError: The value breaks a bound, or lacks a required field.
    """
    match schema["type"]:
        case "object" if "additionalProperties" in schema:
            assert len(value) <= schema["maxProperties"], value
            return {name: pruned(item, schema["additionalProperties"]) for name, item in value.items()}
        case "object":
            return _pruned_object(value, schema)
        case "array":
            assert len(value) <= schema["maxItems"], value
            return [pruned(item, schema["items"]) for item in value]
        case "string":
            assert len(value) <= schema.get("maxLength", len(value)), value
            assert value in schema.get("enum", [value])
        case "integer":
            assert schema.get("minimum", value) <= value <= schema.get("maximum", value), value
        case other:
            assert other == "boolean"
    return value


def _pruned_object(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    missing = set(schema.get("required", [])) - value.keys()
    assert not missing, f"{missing} of {value}"
    defaults = {name: inner["default"] for name, inner in schema["properties"].items() if "default" in inner}
    known = {name: given for name, given in value.items() if name in schema["properties"]}
    return {name: pruned(given, schema["properties"][name]) for name, given in {**defaults, **known}.items()}

"""Read objects as the API server sends them, whatever they look like."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]
"""An object of the cluster, before it is translated."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""In place of a time that is missing."""


def get_map(raw: Any, *path: str) -> Object:
    """Return the mapping at a path; an empty one where there is none."""
    found = _at(raw, path)
    return found if isinstance(found, dict) else {}


def get_list(raw: Any, *path: str) -> list[Object]:
    """Return the mappings of the list at a path."""
    found = _at(raw, path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def get_str(raw: Any, *path: str) -> str:
    """Return the string at a path; an empty one where there is none."""
    found = _at(raw, path)
    return found if isinstance(found, str) else ""


def get_int(raw: Any, *path: str) -> int:
    """Return the whole number at a path, written as a number or as digits; 0 where there is none."""
    found = _at(raw, path)
    if isinstance(found, str) and found.isascii() and found.isdigit():
        return int(found)
    return found if isinstance(found, int) else 0


def get_bool(raw: Any, *path: str) -> bool:
    """Whether the value at a path is true."""
    return _at(raw, path) is True


def get_time(raw: Any, *path: str) -> datetime | None:
    """Return the time at a path."""
    try:
        found = datetime.fromisoformat(get_str(raw, *path))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def get_condition(raw: Any, kind: str) -> Object:
    """Return the condition of this type; an empty one where there is none."""
    return next((c for c in get_list(raw, "status", "conditions") if c.get("type") == kind), {})


def is_condition_true(raw: Any, kind: str) -> bool:
    """Whether the condition of this type has status True."""
    return get_condition(raw, kind).get("status") == "True"


def name_of(raw: Any) -> str:
    """Return the name of an object."""
    return get_str(raw, "metadata", "name")


def namespace_of(raw: Any) -> str:
    """Return the namespace of an object."""
    return get_str(raw, "metadata", "namespace")


def uid_of(raw: Any) -> str:
    """Return the UID of an object."""
    return get_str(raw, "metadata", "uid")


def resource_version_of(raw: Any) -> str:
    """Return the resourceVersion of an object."""
    return get_str(raw, "metadata", "resourceVersion")


def label(raw: Any, key: str) -> str:
    """Return a label of an object."""
    return get_str(raw, "metadata", "labels", key)


def annotation(raw: Any, key: str) -> str:
    """Return an annotation of an object."""
    return get_str(raw, "metadata", "annotations", key)


def get_controller(raw: Any) -> Object:
    """Return the reference to the object that controls this one; an empty one where there is none."""
    return next(
        (owner for owner in get_list(raw, "metadata", "ownerReferences") if owner.get("controller") is True), {}
    )


def is_deleting(raw: Any) -> bool:
    """Whether the object is on its way out."""
    return bool(get_str(raw, "metadata", "deletionTimestamp"))


def has_finalizer(raw: Any, finalizer: str) -> bool:
    """Whether the object is kept by this finalizer."""
    return finalizer in (get_map(raw, "metadata").get("finalizers") or [])


def _at(raw: Any, path: tuple[str, ...]) -> Any:
    """Return whatever is at a path; None where nothing is."""
    for step in path:
        if not isinstance(raw, dict):
            return None
        raw = raw.get(step)
    return raw

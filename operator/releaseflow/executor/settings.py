"""What the program is called with: environment variables of its container."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where a command is executed."""

    namespace: str
    kind: str
    name: str
    """Kind and name of the workload."""
    container: str
    """Name of the container; empty for the first one that has the image."""
    image: str
    """Image that it must have in its pod's spec."""
    report: str
    """Path of the file that the report goes into."""


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return what the environment says.

    Raises:
        KeyError: A variable is missing.
    """
    fields = ("namespace", "kind", "name", "container", "image", "report")
    return Settings(*(environment[f"RELEASEFLOW_{field.upper()}"] for field in fields))

"""What a place for backups is: a member of `spec.backup`, and everything that follows from it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from releaseflow.api.schema.base import ApiModel


@dataclass(frozen=True)
class Access:
    """What the containers of a pod need to reach a place, in the shapes of core Kubernetes."""

    volumes: tuple[Mapping[str, Any], ...] = ()
    mounts: tuple[Mapping[str, Any], ...] = ()
    env: tuple[Mapping[str, Any], ...] = ()


NO_ACCESS = Access()


class Destination(ApiModel, ABC):
    """A place for backups, as a user writes it; the first paragraph describes its field in the CRDs."""

    method: ClassVar[str]
    """The word that `status.backup.method` names it by; `spec.backup` has it in lower camel case."""
    means: ClassVar[str]
    """What the method is: half a sentence without its full stop."""
    example: ClassVar[str]
    """How to write it, for the message that refuses a backup without a place."""
    location_format: ClassVar[str]
    """What `status.backup.location` looks like: a sentence without its full stop."""
    notes: ClassVar[str]
    """What else there is to know, for the reference: whole sentences."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """The place as a URI that ends with a slash."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The place in words, for messages."""

    @property
    def claims(self) -> tuple[str, ...]:
        """PersistentVolumeClaims without which the pod of a backup does not start."""
        return ()

    @abstractmethod
    def access(self, name: str, *, read_only: bool = False) -> Access:
        """Return what a pod needs to reach the place; volumes are called after the name.

        Its variable RELEASEFLOW_PLACE is a module of `releaseflow.steps.places`, a colon, and where the place is.
        """

    def location(self, path: str) -> str:
        """Return the URI of a backup."""
        return f"{self.uri}{path}"

    def path_of(self, location: str) -> str:
        """Return the path of a backup from its URI; empty where it is in another place."""
        return location.removeprefix(self.uri) if location.startswith(self.uri) else ""

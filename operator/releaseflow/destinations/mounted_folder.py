"""What all places have in common that a pod mounts as a volume: backups are files in a folder."""

from abc import abstractmethod
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, ClassVar

from typing_extensions import override

from releaseflow.destinations.destination import Access, Destination

FOLDER = "/backups"
"""Where the containers have the volume."""
_VARIABLE = "RELEASEFLOW_BACKUPS"
"""Says where that is, to the scripts."""


class MountedFolder(Destination):
    """A volume in which backups are files."""

    functions: ClassVar[str] = (files(__package__) / "mounted_folder.sh").read_text("utf-8")

    @abstractmethod
    def volume(self, *, read_only: bool) -> Mapping[str, Any]:
        """Return the source of the volume, as a pod's volume has it beside its name."""

    @override
    def access(self, name: str, *, read_only: bool = False) -> Access:
        mount = {"name": name, "mountPath": FOLDER, **({"readOnly": True} if read_only else {})}
        return Access(
            volumes=({"name": name, **self.volume(read_only=read_only)},),
            mounts=(mount,),
            env=({"name": _VARIABLE, "value": FOLDER},),
        )

    @override
    def fetch(self, path: str) -> str:
        return f'cd "${_VARIABLE}"; f={path}'

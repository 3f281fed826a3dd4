"""What all places have in common that a pod mounts as a volume: backups are files in a folder."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from releaseflow.destinations.destination import Access, Destination

FOLDER = "/backups"
"""Where the containers have the volume."""
_PLACE = f"mounted_folder:{FOLDER}"
"""Which module reads and writes there, and where."""


class MountedFolder(Destination):
    """A volume in which backups are files."""

    @abstractmethod
    def volume(self, *, read_only: bool) -> Mapping[str, Any]:
        """Return the source of the volume, as a pod's volume has it beside its name."""

    @override
    def access(self, name: str, *, read_only: bool = False) -> Access:
        mount = {"name": name, "mountPath": FOLDER, **({"readOnly": True} if read_only else {})}
        return Access(
            volumes=({"name": name, **self.volume(read_only=read_only)},),
            mounts=(mount,),
            env=({"name": "RELEASEFLOW_PLACE", "value": _PLACE},),
        )

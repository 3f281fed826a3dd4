"""A place for backups that the product does not know: a folder of the node, which is enough for tests."""

FILE = "destinations/host_path.py"
"""Where the product would have it."""

TEXT = '''
"""Backups in a folder of the node that the backup's pod runs on."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from typing_extensions import override

from releaseflow.api.schema.base import to_dict
from releaseflow.api.schema.cel import Pattern
from releaseflow.destinations.mounted_folder import MountedFolder

PATH = Pattern(r"^(/[-._a-zA-Z0-9]+)+$", "is not an absolute path: write it without spaces, for example /srv/backups")


class HostPath(MountedFolder):
    """Backups go to a folder of a node. Another node does not have it."""

    method: ClassVar[str] = "HostPath"
    means: ClassVar[str] = "a dump to a folder of a node"
    example: ClassVar[str] = "hostPath: {path: /srv/backups}, with the path of your folder"
    location_format: ClassVar[str] = "file:///PATH is a file of the node"
    notes: ClassVar[str] = "For tests: the node is not known."

    path: Annotated[str, Field(max_length=200), PATH]
    """Path of the folder on the node."""

    @property
    @override
    def uri(self) -> str:
        return f"file://{self.path}/"

    @property
    @override
    def label(self) -> str:
        return f"folder {self.path} of the node"

    @override
    def volume(self, *, read_only: bool) -> Mapping[str, Any]:
        return {"hostPath": {**to_dict(self), "type": "DirectoryOrCreate"}}
'''

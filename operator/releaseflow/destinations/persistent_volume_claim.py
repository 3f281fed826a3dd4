"""Backups in a PersistentVolumeClaim of the flow's namespace."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from releaseflow.api.schema.base import ObjectName, to_dict
from releaseflow.destinations.mounted_folder import MountedFolder


class PersistentVolumeClaim(MountedFolder):
    """Backups go to a volume, one folder for each flow; for example `{claimName: shop-backups}`."""

    method: ClassVar[str] = "PersistentVolumeClaim"
    means: ClassVar[str] = "a dump to a volume"
    example: ClassVar[str] = "persistentVolumeClaim: {claimName: shop-backups}, with the name of your claim"
    location_format: ClassVar[str] = "pvc://CLAIM/PATH is a file in a PersistentVolumeClaim of the run's namespace"
    notes: ClassVar[str] = (
        "The backup's pod mounts the claim alone, so ReadWriteOnce is enough. While the claim does not exist or is not"
        " bound, the run says so with [VolumeNotBound](reasons.md#volumenotbound)."
    )

    claim_name: ObjectName
    """Name of the PersistentVolumeClaim in the namespace of this object, for example `shop-backups`.

    It must hold `retain` + 1 backups. ReadWriteOnce is enough, and ReleaseFlow does not create it.
    """

    @property
    @override
    def uri(self) -> str:
        return f"pvc://{self.claim_name}/"

    @property
    @override
    def label(self) -> str:
        return f"claim {self.claim_name}"

    @property
    @override
    def claims(self) -> tuple[str, ...]:
        return (self.claim_name,)

    @override
    def volume(self, *, read_only: bool) -> Mapping[str, Any]:
        return {"persistentVolumeClaim": {**to_dict(self), **({"readOnly": True} if read_only else {})}}

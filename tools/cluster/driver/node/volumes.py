"""Binds claims of the node's storage classes to folders, and wipes what is released."""

import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..run import run
from .api import Api, ApiError
from .layout import VOLUMES, Layout
from .watches import look_at_changes

PROVISIONER = "releaseflow.dev/folder"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUME_OBJECTS = "/api/v1/persistentvolumes"
# Claims of the class `tiny` get a file system of their own that is really full after 4 MiB.
TMPFS_SIZES = {"standard": "", "tiny": "4m"}
CONFLICT = 409


def storage_class(name: str) -> Mapping[str, object]:
    """A storage class whose claims are bound once a pod needs them, as in most clouds."""
    annotations = {DEFAULT_CLASS: "true"} if name == "standard" else {}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": annotations},
        "provisioner": PROVISIONER,
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def waits_for_volume(claim: Mapping[str, Any]) -> bool:
    """Whether a claim is ours to bind and the scheduler has chosen the node for its pod."""
    metadata, spec = claim["metadata"], claim["spec"]
    ours = spec.get("storageClassName") in TMPFS_SIZES and not spec.get("volumeName")
    return ours and SELECTED_NODE in metadata.get("annotations", {}) and "deletionTimestamp" not in metadata


def volume_for(claim: Mapping[str, Any]) -> dict[str, Any]:
    """The volume that a claim gets: a folder with the claim's UID as its name."""
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {PROVISIONED_BY: PROVISIONER}},
        "spec": {
            "storageClassName": spec["storageClassName"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {"namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]},
            "hostPath": {"path": str(VOLUMES / name), "type": "Directory"},
        },
    }


def is_released(volume: Mapping[str, Any]) -> bool:
    """Whether a volume is ours and its claim is gone."""
    ours = volume["metadata"].get("annotations", {}).get(PROVISIONED_BY) == PROVISIONER
    return ours and volume["status"].get("phase") in {"Released", "Failed"}


class Volumes:
    """Reconciles claims and volumes whenever one of them changes; makes the named storage classes, or all."""

    def __init__(self, api: Api, classes: Iterable[str] = ()) -> None:
        self.api = api
        self.classes = tuple(classes) or tuple(TMPFS_SIZES)

    def serve(self) -> None:
        """Make the storage classes, then bind and wipe for ever."""
        for name in self.classes:
            self.create(CLASSES, storage_class(name))
        look_at_changes(self.api, (CLAIMS, VOLUME_OBJECTS), self.look)

    def look(self) -> None:
        """Bind each claim that waits, and remove each volume that was released."""
        for claim in self.api.call("GET", CLAIMS)["items"]:
            if waits_for_volume(claim):
                self.bind(claim)
        for volume in self.api.call("GET", VOLUME_OBJECTS)["items"]:
            if is_released(volume):
                self.remove(volume)

    def bind(self, claim: Mapping[str, Any]) -> None:
        """Make a folder that every user may write to, and the volume that stands for it."""
        volume = volume_for(claim)
        folder = Path(volume["spec"]["hostPath"]["path"])
        size = TMPFS_SIZES[volume["spec"]["storageClassName"]]
        if not folder.exists():
            folder.mkdir(parents=True)
            if size:
                run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder])
            folder.chmod(0o777)
        self.create(VOLUME_OBJECTS, volume)

    def remove(self, volume: Mapping[str, Any]) -> None:
        """Wipe the folder of a volume, then delete the volume."""
        folder = Path(volume["spec"]["hostPath"]["path"])
        if folder.is_mount():
            run(["umount", folder])
        shutil.rmtree(folder, ignore_errors=True)
        self.api.call("DELETE", f"{VOLUME_OBJECTS}/{volume['metadata']['name']}")

    def create(self, collection: str, document: Mapping[str, Any]) -> None:
        """Create an object that may exist already."""
        try:
            self.api.call("POST", collection, document)
        except ApiError as error:
            if error.status != CONFLICT:
                raise


if __name__ == "__main__":
    Volumes(Api(Layout(Path(sys.argv[1])).certificates), sys.argv[2:]).serve()

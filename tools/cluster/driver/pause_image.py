"""The image that holds a pod's namespaces open, written without any tool for images."""

import hashlib
import io
import json
import platform
import tarfile
from pathlib import Path

from .binaries import NODE, built
from .node.layout import PAUSE_IMAGE

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def write_pause_archive(path: Path) -> None:
    """Write an archive as `docker save` does: one layer with one program."""
    layer = tar_of({"pause": (built(NODE) / "pause").read_bytes()})
    machine = platform.machine()
    configuration = {
        "architecture": ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "config": {"Entrypoint": ["/pause"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]}]
    files = {"layer.tar": layer, "config.json": as_json(configuration), "manifest.json": as_json(manifest)}
    path.write_bytes(tar_of(files))


def as_json(document: object) -> bytes:
    """A document as the bytes of a file."""
    return json.dumps(document).encode()


def tar_of(files: dict[str, bytes]) -> bytes:
    """A tar archive of executable files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), 0o755
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()

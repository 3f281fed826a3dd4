"""What the first process of the node does to its namespaces: mounts and network."""

from pathlib import Path

from ..run import run
from .layout import COVERED_FOLDERS, NODE_ADDRESS, Layout


def mount_folders(layout: Layout) -> None:
    """Hide the folders that components write to by constants, and bind those that belong on disk."""
    run(["mount", "--make-rprivate", "/"])
    run(["mount", "--make-rshared", "/"])
    for folder in COVERED_FOLDERS:
        run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder])
    for source, target in layout.bound_folders.items():
        source.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True)
        run(["mount", "--bind", source, target])


def make_network() -> None:
    """Give the node an address; an empty bridge holds it, since not every kernel has `dummy` devices."""
    run(["ip", "link", "set", "lo", "up"])
    run(["ip", "link", "add", "node0", "type", "bridge"])
    run(["ip", "address", "add", f"{NODE_ADDRESS}/24", "dev", "node0"])
    run(["ip", "link", "set", "node0", "up"])
    run(["ip", "route", "add", "default", "dev", "node0"])
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

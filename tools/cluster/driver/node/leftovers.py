"""What a node leaves on the machine outside its namespaces: control groups and kernel settings."""

import json
import time
from pathlib import Path

from ..errors import ClusterError
from .layout import Layout

CONTROL_GROUPS = Path("/sys/fs/cgroup")
POD_GROUP = "kubepods"
KERNEL = Path("/proc/sys")
BOOT_ID = "kernel/random/boot_id"
# The kubelet sets these for the whole machine and does not start where it may not.
CHANGED_BY_KUBELET = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
PATIENCE_SECONDS = 5.0


def pod_groups() -> list[Path]:
    """The kubelet's control group: one folder with cgroup v2, one for each controller with cgroup v1."""
    return [path for path in (CONTROL_GROUPS / POD_GROUP, *CONTROL_GROUPS.glob(f"*/{POD_GROUP}")) if path.is_dir()]


def groups_below(group: Path) -> list[Path]:
    """A control group and all below it, the deepest first."""
    below = [path for path in group.rglob("*") if path.is_dir()]
    return [*sorted(below, key=lambda path: len(path.parts), reverse=True), group]


def group_in_use() -> Path | None:
    """A control group of pods in which a process runs."""
    groups = (group for top in pod_groups() for group in groups_below(top))
    return next((group for group in groups if (group / "cgroup.procs").read_text().strip()), None)


def refuse_other_kubelet() -> None:
    """Make sure that no other kubelet's pods run on the machine: the two would remove each other's groups.

    Raises:
        ClusterError: There are pods that are not ours.
    """
    group = group_in_use()
    if group is not None:
        raise ClusterError(
            f"another kubelet runs pods on this machine ({group}); use its cluster: "
            "RELEASEFLOW_CLUSTER=context:NAME (kubectl config get-contexts lists the names)"
        )


def remove_pod_groups() -> None:
    """Remove the control groups of pods that are gone; those of another kubelet are left alone.

    Raises:
        ClusterError: The kernel keeps one of them.
    """
    if group_in_use() is not None:
        return
    deadline = time.monotonic() + PATIENCE_SECONDS
    for group in (group for top in pod_groups() for group in groups_below(top)):
        while group.is_dir():
            try:
                group.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise ClusterError(f"{group} cannot be removed; see: cat {group}/cgroup.procs") from None
                time.sleep(0.02)


def save_kernel_settings(layout: Layout) -> None:
    """Write down the kernel settings that the kubelet is going to change."""
    names = [name for name in (*CHANGED_BY_KUBELET, BOOT_ID) if (KERNEL / name).exists()]
    layout.kernel_settings.write_text(json.dumps({name: (KERNEL / name).read_text().strip() for name in names}))


def restore_kernel_settings(layout: Layout) -> None:
    """Put the kernel settings back, unless the machine was restarted since."""
    if not layout.kernel_settings.is_file():
        return
    saved: dict[str, str] = json.loads(layout.kernel_settings.read_text())
    if saved.pop(BOOT_ID) != (KERNEL / BOOT_ID).read_text().strip():
        return
    for name, value in saved.items():
        if (KERNEL / name).read_text().strip() != value:
            (KERNEL / name).write_text(value)

"""Which action of the core a write is, by what it sends; None for a write that no action makes."""

from typing import Any

from releaseflow.workloads.registry import WORKLOADS
from tests.faults.proxy.request import ProxiedRequest

FINALIZER = "releaseflow.dev/outcome"
_EXACTLY = {"uid", "resourceVersion", "name", "namespace"}


_PLAIN = {
    ("PUT", "ReleaseFlow", "status"): "report",
    ("PUT", "MigrationRun", "status"): "report",
    ("POST", "MigrationRun", ""): "create run",
    ("POST", "Job", ""): "create job",
    ("DELETE", "MigrationRun", ""): "delete run",
    ("DELETE", "Job", ""): "delete job",
    ("DELETE", "Lease", ""): "delete lock",
}


def classify(asked: ProxiedRequest) -> str | None:
    """Return the name of the action."""
    match asked.method, asked.kind, asked.part:
        case "POST" | "PUT", "Lease", "":
            return "take lock" if asked.said.get("spec", {}).get("holderIdentity") else "release lock"
        case "PATCH", kind, "" if kind in WORKLOADS:
            return _of_workload(asked.said)
        case "PATCH", "Job" | "Pod" | "MigrationRun", "":
            return _of_kept(asked)
        case found:
            return _PLAIN.get(found)


def _of_workload(said: dict[str, Any]) -> str | None:
    if said.get("spec") == {"paused": None}:
        is_mark = set(said["metadata"]) - _EXACTLY == {"annotations"} and said["metadata"]["annotations"] == _NOT_HELD
        return "resume" if is_mark else None
    if set(said) == {"metadata"} and set(said["metadata"]) - _EXACTLY == {"annotations", "labels"}:
        return "fence"
    if "spec" not in said or set(said["spec"]) != {"template"} or set(said["metadata"]) - _EXACTLY:
        return None
    spec = said["spec"]["template"]["spec"]
    released = [container for kind in _RELEASED for container in spec.get(kind, [])]
    is_images = released and all(set(container) == {"name", "image"} for container in released)
    return "set image" if is_images and not set(spec) - _RELEASED else None


def _of_kept(asked: ProxiedRequest) -> str | None:
    if "operations" in asked.said:
        changed = [one for one in asked.said["operations"] if one["op"] != "test"]
        if asked.kind != "Job" or [one["path"] for one in changed] != ["/spec/suspend"]:
            return None
        return "stop" if changed[0]["value"] else "start"
    fields = set(asked.said["metadata"]) - _EXACTLY
    owned = asked.kind == "Job" and "ownerReferences" in fields
    if {key: said for key, said in asked.said.items() if key != "metadata"} != (_EXPIRES if owned else {}):
        return None
    theirs = {"labels"} if asked.kind == "MigrationRun" else {"ownerReferences"}
    if fields - {"finalizers"} - theirs or "finalizers" not in fields:
        return None
    if asked.kind == "MigrationRun" and FINALIZER in asked.said["metadata"]["finalizers"]:
        return "hold run"
    return None if FINALIZER in asked.said["metadata"]["finalizers"] else f"release {_WORDS[asked.kind]}"


_NOT_HELD = {"releaseflow.dev/held": None}
"""What is removed with the pause of a workload that admission held."""
_RELEASED = {"containers", "initContainers"}
"""Where the images of a workload stand."""
_EXPIRES = {"spec": {"ttlSecondsAfterFinished": 3600}}
"""What stands beside the metadata where a Job is let go of by its run."""
_WORDS = {"Job": "job", "Pod": "pod", "MigrationRun": "run"}

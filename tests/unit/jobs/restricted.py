"""Pod Security "restricted" as Kubernetes defines it, and what our Jobs are held to beyond it."""

from collections.abc import Iterator, Mapping
from typing import Any

VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
}
FORBIDDEN = {
    "hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostname", "subdomain", "nodeName",
    "ephemeralContainers", "topologySpreadConstraints", "readinessGates",
}  # fmt: skip
NEVER_IN_A_CONTAINER = {
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "volumeDevices",
    "stdin",
    "tty",
}
UNCONFINED = "Unconfined"


def violations(template: Mapping[str, Any], may_be_root: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what is wrong with a pod template; some containers may be excused for running as root."""
    spec = template["spec"]
    yield from sorted(FORBIDDEN & spec.keys())
    for volume in spec.get("volumes", []):
        kinds = volume.keys() - {"name"}
        if len(kinds) != 1 or not kinds <= VOLUMES:
            yield f"volume {volume}"
    pod = spec.get("securityContext", {})
    for key in ("sysctls", "windowsOptions"):
        if key in pod:
            yield key
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        found = _of_container(container, pod, may_be_root=container["name"] in may_be_root)
        yield from (f"{container['name']}: {why}" for why in found)


def _of_container(container: Mapping[str, Any], pod: Mapping[str, Any], *, may_be_root: bool) -> Iterator[str]:
    yield from sorted(NEVER_IN_A_CONTAINER & container.keys())
    own = container.get("securityContext", {})
    if own.get("privileged") or "procMount" in own:
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield "capabilities"
    effective = {**pod, **own}
    if not may_be_root and (effective.get("runAsNonRoot") is not True or effective.get("runAsUser") == 0):
        yield "runAsNonRoot"
    if effective.get("seccompProfile", {}).get("type", UNCONFINED) == UNCONFINED:
        yield "seccompProfile"

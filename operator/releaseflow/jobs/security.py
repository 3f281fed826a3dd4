"""Security contexts: what is inherited is kept, and what "restricted" asks for beyond it is filled in."""

from collections.abc import Mapping
from typing import Any

CLIENT_ID = 65532
"""User and group of our own containers; no account in the image is needed."""

_USER_KEYS = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile", "seLinuxOptions", "appArmorProfile")
_CONTAINER_KEYS = (*_USER_KEYS, "readOnlyRootFilesystem")
_POD_KEYS = (*_USER_KEYS, "fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy")
_CLOSED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_SECCOMP = {"type": "RuntimeDefault"}


def client_pod() -> dict[str, Any]:
    """Return the context of a pod with our own containers only: its group may write to the volumes."""
    return {"runAsNonRoot": True, "seccompProfile": _SECCOMP, **client_group()}


def client_group() -> dict[str, Any]:
    """Return what lets our own containers write to the volumes of a pod."""
    return {"fsGroup": CLIENT_ID, "fsGroupChangePolicy": "OnRootMismatch"}


def client_container() -> dict[str, Any]:
    """Return the context of one of our own containers, whatever its pod says."""
    user = {"runAsUser": CLIENT_ID, "runAsGroup": CLIENT_ID, "runAsNonRoot": True, "seccompProfile": _SECCOMP}
    return {**_CLOSED, **user, "readOnlyRootFilesystem": True}


def application_pod(pod: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context of a pod that runs the application."""
    return {"seccompProfile": _SECCOMP, **{key: pod[key] for key in _POD_KEYS if pod.get(key) is not None}}


def application_container(container: Mapping[str, Any], user: int | None = None) -> dict[str, Any]:
    """Return the context of a container that runs the application, as another user where one is given.

    Added capabilities and privileges are not inherited: no migration needs them. The user is the one that runs the
    workload, whether it or the image names it: what else is forbidden, Pod Security of the namespace decides. That a
    number above 0 is not root is said, since a namespace that enforces "restricted" asks for it in so many words.
    """
    inherited = {key: container[key] for key in _CONTAINER_KEYS if container.get(key) is not None}
    chosen = {} if user is None else {"runAsUser": user}
    return {**_CLOSED, **inherited, **chosen, **({"runAsNonRoot": True} if user else {})}

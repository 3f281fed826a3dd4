"""The command that restores exactly one backup; people run it, the operator never does."""

import json
from shlex import quote
from typing import Any

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.core.engines import client_image
from releaseflow.destinations.destination import Access

LONGEST = 4096
"""Characters that the status keeps of it."""
SECRET, KEY = "restore-into", "url"
"""The Secret that names the empty database to restore into, and its key. A person makes it."""
POD = "releaseflow-restore"
_USER = 65532
_POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": _USER,
    "fsGroup": _USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER_SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def restore_command_of(spec: MigrationRunSpec, namespace: str, path: str, sha256: str, own_image: str) -> str:
    """Return the command that restores a backup of a run; own_image is the operator's, for a run that names none."""
    access = spec.backup.destination.access("b", read_only=True)
    return restore_command(namespace, access, path, sha256, client_image(spec, own_image), spec.database.engine)


def restore_command(  # noqa: PLR0913, PLR0917 (each is one fact of the backup)
    namespace: str, access: Access, path: str, sha256: str, image: str, engine: str
) -> str:
    """Return a line for a shell with kubectl that runs our own program once, to restore a backup.

    The database is an empty one: the one that the Secret `restore-into` names.
    """
    overrides = json.dumps({"spec": _pod(access, engine)}, separators=(",", ":"))
    program = f"python3 -SPm releaseflow.steps restore {quote(path)} {sha256}"
    return commands.run_once(namespace, POD, image, quote(overrides), program)


def _pod(access: Access, engine: str) -> dict[str, Any]:
    """Return what differs from a pod that kubectl runs by itself: merged into it by the container's name."""
    url = {"secretKeyRef": {"name": SECRET, "key": KEY, "optional": True}}
    container = {
        "name": POD,
        "env": [
            {"name": "RELEASEFLOW_ENGINE", "value": engine},
            {"name": "RELEASEFLOW_DATABASE_URL", "valueFrom": url},
            *access.env,
        ],
        "volumeMounts": list(access.mounts),
        "securityContext": _CONTAINER_SECURITY,
    }
    return {
        "automountServiceAccountToken": False,
        "securityContext": _POD_SECURITY,
        "volumes": list(access.volumes),
        "containers": [container],
    }

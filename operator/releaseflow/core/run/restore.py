"""The command that restores exactly one backup; people run it, the operator never does."""

import json
from collections.abc import Iterable, Mapping
from textwrap import indent
from typing import Any

from releaseflow.api import commands
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.pods import SecretKeyRef
from releaseflow.core.engines import client_image, required_client
from releaseflow.destinations.destination import Destination

_EMPTY_DATABASE = SecretKeyRef(name="restore-target", key="url")
"""A Secret that a person makes for the restore, where the run itself names none."""
LONGEST = 4096
"""Characters that the status keeps of it."""
_INDENT = " " * 10


def restore_command_of(spec: MigrationRunSpec, namespace: str, path: str, sha256: str, own_image: str) -> str:
    """Return the command that restores a backup of a run; own_image is the operator's, for a run that names none."""
    secret = spec.database.url_secret_ref or _EMPTY_DATABASE
    return restore_command(
        required_client(spec).restore,
        namespace,
        spec.backup.destination,
        path,
        sha256,
        client_image(spec, own_image),
        secret.name,
        secret.key,
    )


def restore_command(  # noqa: PLR0913, PLR0917 (each is one fact of the backup)
    program: str,
    namespace: str,
    destination: Destination,
    path: str,
    sha256: str,
    image: str,
    secret_name: str,
    secret_key: str,
) -> str:
    """Return a command for a shell with kubectl that runs an engine's program to restore a backup.

    The database is an empty one: that which the Secret in its first line names. Names that are too long for the status
    leave only a pointer to the manual.
    """
    command, access = _COMMAND, destination.access("b", read_only=True)
    facts = {
        "RESTORE": indent(program.rstrip(), _INDENT),
        "CREATE": commands.create_from_input(namespace),
        "FOLLOW": commands.follow_log_of(namespace, '"$job"'),
        "CONDITIONS": commands.print_condition_types(namespace, '"$job"'),
        "VOLUMES": _flow_style(access.volumes),
        "MOUNTS": _flow_style(access.mounts),
        "ENV": _flow_style((_URL, *access.env)),
        "FETCH": destination.fetch(path),
        "SHA256": sha256,
        "IMAGE": image,
        "SECRET": secret_name,
        "KEY": secret_key,
    }
    for name, value in facts.items():
        command = command.replace(f"<{name}>", value)
    return (
        command
        if len(command) <= LONGEST
        else f"# See docs/guides/restore.md: {path} in {destination.label}, sha256 {sha256}"
    )


def _flow_style(items: Iterable[Mapping[str, Any]]) -> str:
    """Return a list in YAML on one line: JSON is YAML, and quotes whatever is in it."""
    return json.dumps(list(items), ensure_ascii=False)


_URL = {"name": "URL", "valueFrom": {"secretKeyRef": {"name": "@SECRET@", "key": "<KEY>"}}}


_COMMAND = r"""SECRET=<SECRET>  # its key <KEY> names the EMPTY database to restore into
job=$(sed "s/@SECRET@/$SECRET/" <<'END' | <CREATE>
apiVersion: batch/v1
kind: Job
metadata: {generateName: restore-}
spec:
  backoffLimit: 0
  ttlSecondsAfterFinished: 3600
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      volumes: <VOLUMES>
      containers:
      - name: restore
        image: <IMAGE>
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        env: <ENV>
        volumeMounts: <MOUNTS>
        command: [sh, -ec]
        args:
        - |
          <FETCH>
          echo "<SHA256>  $f" | sha256sum -c -
<RESTORE>
          echo Restored
END
) && echo "Waiting for the pod of $job" &&
until e=$(<FOLLOW> 2>&1 >&3); do
  case $e in *Creating*|*Initializing*) ;; *wait*) echo "$e" >&2;; *) echo "$e" >&2; break;; esac; sleep 2
done 3>&1
while r=$(<CONDITIONS>) && [ -z "$r" ]; do sleep 1; done
case $r in *Complete*|*Success*) ;; *) false;; esac
"""

"""kubectl, as the tests use it: what a user would type, with the answer parsed."""

import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


class RefusedError(AssertionError):
    """kubectl ended with an error; the text is what the user reads."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl with a namespace of its own."""

    binary: str
    cache: Path
    """Folder for what kubectl remembers of the cluster; the user's own may be of another cluster's CRDs."""

    namespace: str = "default"
    timeout_seconds: int = 60

    def __call__(self, *arguments: str, document: object = None) -> Any:
        """What kubectl prints: parsed where the arguments ask for JSON, else the text.

        Args:
            arguments: The words after `kubectl`.
            document: An object to hand over on standard input, for `-f -`.

        Raises:
            RefusedError: kubectl ended with an error.
        """
        done = subprocess.run(
            [self.binary, f"--cache-dir={self.cache}", f"--namespace={self.namespace}", *arguments],
            input=None if document is None else json.dumps(document),
            capture_output=True,
            text=True,
            timeout=self.timeout_seconds,
            check=False,
        )
        if done.returncode:
            raise RefusedError(done.stderr.strip())
        return json.loads(done.stdout) if "--output=json" in arguments else done.stdout

    def within(self, namespace: str) -> "Kubectl":
        """Kubectl in another namespace."""
        return replace(self, namespace=namespace)

    def forget(self) -> None:
        """Ask the cluster anew which kinds it has."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def create(self, document: object, *arguments: str) -> Any:
        """The object as the API server stored it, defaults filled in."""
        return self("create", "--filename=-", "--output=json", *arguments, document=document)

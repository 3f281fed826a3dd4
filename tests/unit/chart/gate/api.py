"""A real API server, asked as one user after another, and what it answered."""

import http.client
import json
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.controlplane.client import JSON_PATCH, MERGE_PATCH, TOKEN
from tests.faults.controlplane.components import Layout
from tests.unit.chart.rendering import Manifest

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
OPERATOR = "system:serviceaccount:releaseflow-system:releaseflow"
PERSON = "ann"
KUBECTL_SECONDS = 60

__all__ = ["APPLY", "JSON", "JSON_PATCH", "MERGE_PATCH", "OPERATOR", "PERSON", "STRATEGIC_PATCH", "Answer", "Api"]


@dataclass(frozen=True)
class Answer:
    """What the API server, or kubectl, made of a write."""

    taken: bool
    said: Any

    @property
    def message(self) -> str:
        """What a user reads who is refused; empty where the write was taken."""
        if self.taken:
            return ""
        return str(self.said["message"] if isinstance(self.said, dict) else self.said)


class Api:
    """One namespace of the API server."""

    def __init__(self, layout: Layout, kubectl: Path, namespace: str, resource: str = "apps/v1/deployments") -> None:
        self.layout, self.kubectl, self.namespace, self.resource = layout, kubectl, namespace, resource
        context = ssl.create_default_context(cafile=str(layout.authority))
        self._connection = http.client.HTTPSConnection("127.0.0.1", layout.api_port, context=context)

    @property
    def path(self) -> str:
        """The path of the namespace's workloads of the kind that is looked at."""
        version, _, plural = self.resource.rpartition("/")
        return f"/apis/{version}/namespaces/{self.namespace}/{plural}"

    def of(self, resource: str) -> "Api":
        """Return the same namespace, to look at workloads of another kind."""
        return Api(self.layout, self.kubectl, self.namespace, resource)

    def call(self, method: str, path: str, body: Any = None, kind: str = JSON, user: str = PERSON) -> Answer:
        """Make one request in the name of a user."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Impersonate-User": user, "Content-Type": kind}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        read = answer.read()
        said = json.loads(read) if answer.getheader("Content-Type", "").startswith(JSON) else {"message": read.decode()}
        return Answer(answer.status < http.client.BAD_REQUEST, said)

    def read(self, name: str) -> Manifest:
        """Return a workload as it is."""
        answer = self.call("GET", f"{self.path}/{name}")
        assert answer.taken, answer.message
        return dict(answer.said)

    def create(self, manifest: Manifest, user: str = PERSON, *, dry_run: bool = False) -> Answer:
        """Create a workload, or see what would come of it."""
        return self.call("POST", self.path + ("?dryRun=All" if dry_run else ""), manifest, user=user)

    def put(self, manifest: Manifest, user: str = PERSON) -> Answer:
        """Write a whole workload."""
        return self.call("PUT", f"{self.path}/{manifest['metadata']['name']}", manifest, user=user)

    def patch(self, name: str, patch: Any, kind: str = MERGE_PATCH, user: str = PERSON) -> Answer:
        """Change a part of a workload."""
        query = "?fieldManager=argocd-controller&force=true" if kind == APPLY else ""
        return self.call("PATCH", f"{self.path}/{name}{query}", patch, kind, user)

    def type(self, *words: str, document: Manifest | None = None, user: str = PERSON) -> Answer:
        """Run kubectl, as somebody types it."""
        command = [
            str(self.kubectl),
            f"--kubeconfig={self.layout.kubeconfig}",
            f"--as={user}",
            "-n",
            self.namespace,
            *words,
        ]
        given = None if document is None else json.dumps(document)
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, timeout=KUBECTL_SECONDS
        )
        return Answer(done.returncode == 0, done.stdout + done.stderr)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

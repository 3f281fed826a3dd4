"""Read objects of the cluster without a process for each read: stories read several times a second."""

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config

from tests.e2e.kubectl import RefusedError

PATHS = {
    "cronjob": ("apis/batch/v1", "cronjobs"),
    "daemonset": ("apis/apps/v1", "daemonsets"),
    "deployment": ("apis/apps/v1", "deployments"),
    "events": ("api/v1", "events"),
    "jobs": ("apis/batch/v1", "jobs"),
    "leases": ("apis/coordination.k8s.io/v1", "leases"),
    "mrun": ("apis/releaseflow.dev/v1alpha1", "migrationruns"),
    "pods": ("api/v1", "pods"),
    "replicasets": ("apis/apps/v1", "replicasets"),
    "rflow": ("apis/releaseflow.dev/v1alpha1", "releaseflows"),
    "statefulset": ("apis/apps/v1", "statefulsets"),
}
"""What kubectl knows by a short word."""
FOUND = 200


def read(kind: str, namespace: str, name: str = "", selector: str = "") -> Any:
    """Return an object, or all objects of a namespace that a label selector chooses, as the API server has them.

    Raises:
        RefusedError: The API server said no; the text is what kubectl would print.
    """
    group, plural = PATHS[kind]
    path = "/".join(piece for piece in (group, "namespaces", namespace, plural, name) if piece)
    host, pool = _connection()
    answer = pool.request("GET", f"{host}/{path}?{urlencode({'labelSelector': selector})}", timeout=30)
    if answer.status != FOUND:
        raise RefusedError(f"Error from server: {answer.data.decode(errors='replace')}")
    return json.loads(answer.data)


@cache
def _connection() -> tuple[str, urllib3.PoolManager]:
    """Return the address of the API server that KUBECONFIG names, and connections to it."""
    settings = Configuration()
    load_kube_config(client_configuration=settings)
    pool = urllib3.PoolManager(
        ca_certs=settings.ssl_ca_cert,
        cert_file=settings.cert_file,
        key_file=settings.key_file,
        headers=settings.api_key.get("authorization") and {"Authorization": settings.api_key["authorization"]},
    )
    return settings.host, pool

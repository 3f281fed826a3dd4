"""The objects of the benchmark: a Deployment that only sleeps, and a flow that moves its image."""

from typing import Any

from releaseflow.unstructured import Object, get_list, get_str
from releaseflow.workloads.registry import WORKLOADS

IMAGES = ("localhost/releaseflow/shop:v1", "localhost/releaseflow/shop:v2")
"""Two real images; a release goes from one to the other and back."""
CONTAINER = "web"
TOGGLE = """\
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if connection.execute("select to_regclass('bench')").fetchone()[0]:
        connection.execute("drop table bench")
    else:
        connection.execute("create table bench (id int primary key)")
"""
"""A small migration that changes the schema each time: create a table, or drop it."""


def deployment(name: str, image: str, replicas: int = 1) -> Object:
    """Return a Deployment whose pods sleep in an image of the shop, and end at once."""
    labels = {"app": name}
    container = {"name": CONTAINER, "image": image, "imagePullPolicy": "IfNotPresent", "command": ["sleep", "86400"]}
    pod = {"containers": [container], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
        "strategy": strategy,
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def flow(name: str, image: str, migration: dict[str, Any], lock_key: str = "") -> Object:
    """Return a flow over the Deployment of the same name."""
    spec = {
        "image": image,
        "targets": [{"name": name}],
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}, "lockKey": lock_key},
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"compatibility": "Additive", **migration},
    }
    return {"metadata": {"name": name}, "spec": spec}


THREE_JOBS: dict[str, Any] = {"command": ["python3", "-c", TOGGLE], "check": {"command": ["false"]}}
"""Check, back up and migrate; the schema changes each time."""
ONE_JOB: dict[str, Any] = {"command": ["true"], "check": {"command": ["true"]}}
"""Check, and find nothing pending."""


def has_image(raw: Object, image: str) -> bool:
    """Whether a Deployment's template has the image."""
    return dict(WORKLOADS["Deployment"].images(raw)).get(CONTAINER) == image


def is_released(raw: Object, image: str) -> bool:
    """Whether a flow says that it has released the image."""
    return (
        get_str(raw, "status", "release", "image") == image
        and get_str(raw, "status", "release", "outcome") == "Released"
    )


def containers_of(raw: Object) -> list[Object]:
    """Return all containers of a Job's pod template, the init containers first."""
    return containers_of_pod(raw["spec"]["template"])


def containers_of_pod(raw: Object) -> list[Object]:
    """Return all containers of a pod or a pod template, the init containers first."""
    return [*get_list(raw, "spec", "initContainers"), *get_list(raw, "spec", "containers")]

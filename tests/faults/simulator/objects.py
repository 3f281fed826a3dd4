"""What a person applies before a release: a namespace, a Secret, a Deployment, a flow."""

from tests.faults.simulator.canary import DSN, PLAIN
from tests.faults.simulator.history import Raw

NAME = "shop"
OLD, NEW, NEWER, FOREIGN = (f"registry.example/shop:{tag}" for tag in ("v1", "v2", "v3", "by-hand"))
RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}


def namespace(name: str) -> Raw:
    """Return a namespace in which the API server refuses pods that are not restricted."""
    return {"metadata": {"name": name, "labels": RESTRICTED}}


def secret() -> Raw:
    """Return the Secret with the way to the database."""
    return {"metadata": {"name": "shop-db"}, "stringData": {"url": DSN}}


def deployment(progress_seconds: int) -> Raw:
    """Return the workload, with the old image."""
    labels = {"app": NAME}
    closed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "web",
        "image": OLD,
        "env": [{"name": "PAYMENT_TOKEN", "value": PLAIN}],
        "securityContext": {**closed, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    pod = {"containers": [container], "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False}
    return {
        "metadata": {"name": NAME},
        "spec": {
            "replicas": 1,
            "progressDeadlineSeconds": progress_seconds,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        },
    }


def flow(image: str = NEW) -> Raw:
    """Return the flow that releases an image onto the workload."""
    return {
        "apiVersion": "releaseflow.dev/v1alpha1",
        "kind": "ReleaseFlow",
        "metadata": {"name": NAME},
        "spec": {
            "image": image,
            "targets": [{"name": NAME}],
            "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
            "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
            "migration": {
                "command": ["migrate"],
                "check": {"command": ["check"]},
                "compatibility": "Additive",
                "env": [{"name": "MIGRATION_TOKEN", "value": PLAIN}],
            },
            "jobs": {"startDeadlineSeconds": 20},
        },
    }

"""What a person applies before a release: a namespace, a Secret, a workload, a flow."""

from tests.faults.simulator.canary import DSN, PLAIN
from tests.faults.simulator.history import Raw

NAME = "shop"
OLD, NEW, NEWER, FOREIGN = (f"registry.example/shop:{tag}" for tag in ("v1", "v2", "v3", "by-hand"))
GATED = {"releaseflow.dev/gate": NAME}
"""Labels of a workload whose images admission holds."""
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


def workload(kind: str, progress_seconds: int) -> Raw:
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
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    of_kind: dict[str, Raw] = {
        "Deployment": {"progressDeadlineSeconds": progress_seconds, "strategy": surge},
        "StatefulSet": {"serviceName": NAME},
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **of_kind[kind]}
    return {"metadata": {"name": NAME}, "spec": spec}


def flow(
    image: str = NEW,
    kind: str = "Deployment",
    *,
    has_client: bool = True,
    has_targets: bool = True,
    is_gated: bool = False,
) -> Raw:
    """Return the flow that releases an image onto the workload; without targets it only migrates.

    One with mode Gate names no image: the workload does.
    """
    claim, none = {"persistentVolumeClaim": {"claimName": "shop-backups"}}, {"none": {"acknowledge": "DataMayBeLost"}}
    return {
        "apiVersion": "releaseflow.dev/v1alpha1",
        "kind": "ReleaseFlow",
        "metadata": {"name": NAME},
        "spec": {
            **({"mode": "Gate"} if is_gated else {"image": image}),
            **({"targets": [{"kind": kind, "name": NAME}]} if has_targets else {}),
            "database": {
                "engine": "PostgreSQL" if has_client else "Other",
                "urlSecretRef": {"name": "shop-db", "key": "url"},
            },
            "backup": claim if has_client else none,
            "migration": {
                **({} if has_targets else {"workloadRef": {"kind": kind, "name": NAME}}),
                "command": ["migrate"],
                "check": {"command": ["check"]},
                "compatibility": "Additive",
                "env": [{"name": "MIGRATION_TOKEN", "value": PLAIN}],
            },
            "jobs": {"startDeadlineSeconds": 20},
        },
    }

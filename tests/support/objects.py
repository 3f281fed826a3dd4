"""Objects as a real API server 1.36 sends them, cut to what matters."""

from typing import Any

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.controllers.run.job_specs import JobSpecs
from releaseflow.core.names import lock_name
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.kube.resources import Resource

Object = dict[str, Any]

DEPLOYMENT = Resource.of_workload("Deployment")
STATEFULSET = Resource.of_workload("StatefulSet")
DAEMONSET = Resource.of_workload("DaemonSet")

FLOW_UID = "0b5f6a0e-0000-4000-8000-000000000001"
NAMESPACE_UID = "0b5f6a0e-0000-4000-8000-000000000006"
RUN_UID = "0b5f6a0e-0000-4000-8000-000000000002"
JOB_UID = "0b5f6a0e-0000-4000-8000-000000000003"
POD_UID = "0b5f6a0e-0000-4000-8000-000000000004"
TARGET_UID = "0b5f6a0e-0000-4000-8000-000000000005"


def job_specs() -> JobSpecs:
    """Return what builds Jobs with images of a test."""
    return JobSpecs("postgres:18", "operator:1")


def metadata(name: str, uid: str, version: int = 10, **more: Any) -> Object:
    return {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": str(version), "generation": 1, **more}


def namespace(uid: str = NAMESPACE_UID) -> Object:
    return {"metadata": {"name": "shop", "uid": uid, "resourceVersion": "1"}}


def flow(version: int = 10, status: Object | None = None, **spec: Any) -> Object:
    base = {
        "image": "shop:v2",
        "targets": [{"name": "shop"}],
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "backups"}},
        "migration": {"tool": "Django"},
    }
    return {
        "metadata": metadata("shop", FLOW_UID, version),
        "spec": {**base, **spec},
        "status": status or {"observedGeneration": -1},
    }


def run(
    name: str = "shop-1-aa", uid: str = RUN_UID, version: int = 10, status: Object | None = None, **spec: Any
) -> Object:
    base = {
        "flowRef": {"name": "shop", "uid": FLOW_UID, "sequence": 1},
        "image": "shop:v2",
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "backups"}},
        "migration": {"tool": "Django"},
    }
    spec = {key: value for key, value in {**base, **spec}.items() if value is not None}
    spec["migration"] = {"workloadRef": {"name": "shop"}, **spec["migration"]}
    key = effective_lock_key(Database.model_validate(spec["database"]), WorkloadRef(name="shop"))
    labels = {
        "releaseflow.dev/managed": "true",
        "releaseflow.dev/flow-uid": FLOW_UID,
        "releaseflow.dev/lock-name": lock_name("shop", key),
    }
    return {
        "metadata": metadata(
            name, uid, version, labels=labels, finalizers=["releaseflow.dev/outcome"], creationTimestamp=AT
        ),
        "spec": spec,
        "status": status or {"observedGeneration": -1},
    }


AT = "2026-11-23T12:00:00Z"


def deployment(version: int = 10, status: Object | None = None, labels: Object | None = None, **spec: Any) -> Object:
    containers = [{"name": "web", "image": "shop:v1"}]
    complete = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    base = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "shop"}},
        "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": containers}},
    }
    return {
        "metadata": metadata("shop", TARGET_UID, version, labels=labels or {}),
        "spec": {**base, **spec},
        "status": complete if status is None else status,
    }


def job(version: int = 10, status: Object | None = None, **more: Any) -> Object:
    labels = {
        "releaseflow.dev/managed": "true",
        "releaseflow.dev/run-uid": RUN_UID,
        "releaseflow.dev/step": "Migrate",
    }
    annotations = {"releaseflow.dev/attempt": "1", "releaseflow.dev/template-hash": "cafe"}
    return {
        "metadata": metadata(
            "shop-1-aa-migrate", JOB_UID, version, labels=labels, annotations=annotations, creationTimestamp=AT, **more
        ),
        "spec": {**RUNS_ONCE, "suspend": False, "template": {"spec": {"restartPolicy": "Never"}}},
        "status": status or {},
    }


def pod(version: int = 10, status: Object | None = None, **more: Any) -> Object:
    labels = {
        "releaseflow.dev/managed": "true",
        "releaseflow.dev/run-uid": RUN_UID,
        "releaseflow.dev/step": "Migrate",
    }
    owner = {"kind": "Job", "name": "shop-1-aa-migrate", "uid": JOB_UID}
    return {
        "metadata": metadata(
            "shop-1-aa-migrate-x",
            POD_UID,
            version,
            labels=labels,
            ownerReferences=[owner],
            creationTimestamp=AT,
            **more,
        ),
        "spec": {
            "restartPolicy": "Never",
            "initContainers": [{"name": "migrate", "image": "shop:v2"}],
            "containers": [{"name": "report", "image": "postgres:18"}],
        },
        "status": status or {"phase": "Pending"},
    }


def condition(kind: str, status: str = "True", reason: str = "", message: str = "") -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message}

"""The objects of vectors as manifests for a real API server, labelled with their vector."""

from typing import Any

from releaseflow.api.schema.base import API_VERSION
from releaseflow.api.v1alpha1.metadata import FINALIZER, RUN_UID_LABEL, STEP_LABEL
from releaseflow.jobs.job import RUNS_ONCE
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, name_of, uid_of
from tests.conformance.fixtures import STEPS
from tests.conformance.language import Create
from tests.support.objects import DAEMONSET, DEPLOYMENT, STATEFULSET

KINDS = {
    "flow": Resource.FLOW,
    "run": Resource.LEASE,
    "lock": Resource.LEASE,
    "job": Resource.JOB,
    "pods": Resource.POD,
    "target": DEPLOYMENT,
    "statefulset": STATEFULSET,
    "daemonset": DAEMONSET,
}
"""A Lease stands for a run: what is tried is the same for all kinds, and no operator takes it for its own."""

VECTOR = "example.com/vector"
"""Label that tells the objects of vectors apart."""
KEEPERS = {"held": FINALIZER, "kept-by-somebody": "example.com/somebody"}
IMAGES = {"localhost/releaseflow/shop:v1": "old", "localhost/releaseflow/shop:v2": "new"}
OLD, NEW = IMAGES
END = "/tmp/end"  # noqa: S108 - in a container of its own
"""File that a pod waits for."""
DEADLINE_SECONDS = 40
"""Long enough for the pod to begin and to end before it, also on a machine that does much else."""
NOWHERE = {"example.com/nowhere": "true"}


def manifest(act: Create, name: str, slug: str, owner: Object | None) -> Object:
    """Return an object with the traits that a vector names."""
    traits = act.traits.split()
    metadata: Object = {"name": name, "labels": {VECTOR: slug}}
    metadata["finalizers"] = [finalizer for word, finalizer in KEEPERS.items() if word in traits]
    if owner is not None:
        metadata["ownerReferences"] = [reference(owner)]
    match KINDS[act.role]:
        case Resource.FLOW:
            return {"metadata": metadata, "spec": _flow_spec()}
        case Resource.JOB:
            return {"metadata": metadata, "spec": _job_spec(traits, slug)}
        case kind if kind is DEPLOYMENT:
            return {"metadata": metadata, "spec": {**_workload_spec(traits, slug), "progressDeadlineSeconds": 2}}
        case kind if kind is STATEFULSET:
            return {"metadata": metadata, "spec": {**_workload_spec(traits, slug), "serviceName": name}}
        case kind if kind is DAEMONSET:
            return {"metadata": metadata, "spec": _spec_for_no_node(slug)}
        case _:
            return {"metadata": metadata, "spec": {}}


def reference(owner: Object) -> Object:
    """Return an owner reference as the operator writes it."""
    api_version, kind = (
        (API_VERSION, "ReleaseFlow") if "targets" in owner["spec"] else ("coordination.k8s.io/v1", "Lease")
    )
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name_of(owner),
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": False,
    }


def _flow_spec() -> Object:
    """Return the spec of a flow that an operator leaves alone."""
    return {
        "suspend": True,
        "image": NEW,
        "targets": [{"name": "nothing"}],
        "database": {"urlSecretRef": {"name": "nothing", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "nothing"}},
        "migration": {"tool": "Django"},
    }


def _job_spec(traits: list[str], slug: str) -> Object:
    step = next(step for word, step in STEPS.items() if word in traits)
    finalizers = {"finalizers": [FINALIZER]} if "migration" in traits else {}
    labels = {VECTOR: slug, STEP_LABEL: step.value, RUN_UID_LABEL: slug}
    spec: Object = {
        **RUNS_ONCE,
        "suspend": "suspended" in traits,
        "template": {"metadata": {"labels": labels, **finalizers}, "spec": _pod_spec(traits)},
    }
    if "check" in traits:
        codes = {"containerName": "step", "operator": "NotIn", "values": [0]}
        spec["podFailurePolicy"] = {"rules": [{"action": "FailJob", "onExitCodes": codes}]}
    return spec | ({"activeDeadlineSeconds": DEADLINE_SECONDS} if "deadline" in traits else {})


def _pod_spec(traits: list[str]) -> Object:
    code = 1 if "badly" in traits else 0
    waits = f"while [ ! -e {END} ]; do sleep 0.1; done; " if {"waits", "stuck"} & set(traits) else ""
    container: dict[str, Any] = {
        "name": "step",
        "image": "localhost/releaseflow/nothing:here" if "stuck" in traits else OLD,
        "imagePullPolicy": "Never",
        "command": ["sh", "-c", f"trap 'exit 143' TERM; {waits}exit {code}"],
    }
    return {
        "containers": [container],
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 2,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }


def _workload_spec(traits: list[str], slug: str) -> Object:
    """Return what specs of workloads have in common: of one without pods, or of one whose pods find no node."""
    fails = "fails" in traits
    pod = {"containers": [{"name": "web", "image": OLD}], **({"nodeSelector": NOWHERE} if fails else {})}
    return {
        "replicas": int(fails),
        "selector": {"matchLabels": {VECTOR: slug}},
        "template": {"metadata": {"labels": {VECTOR: slug}}, "spec": pod},
    }


def _spec_for_no_node(slug: str) -> Object:
    """Return the spec of a DaemonSet that fits no node: its controller counts none, and is done at once."""
    spec = _workload_spec(["fails"], slug)
    del spec["replicas"]
    return spec

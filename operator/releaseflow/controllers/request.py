"""What one reconcile is about, the key of the work queue."""

from dataclasses import dataclass

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, name_of, namespace_of


@dataclass(frozen=True)
class ReconcileRequest:
    """A flow or a run; or a Job, a pod or a target that none of them cares for any more."""

    kind: Resource
    namespace: str
    name: str


def request_for(kind: Resource, raw: Object) -> ReconcileRequest:
    """Return the request to reconcile an object."""
    return ReconcileRequest(kind, namespace_of(raw), name_of(raw))

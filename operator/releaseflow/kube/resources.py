"""The kinds of objects that the operator reads or writes, where they are served, and which of them it watches."""

from enum import Enum

from releaseflow.api.schema.base import GROUP, VERSION
from releaseflow.api.v1alpha1.metadata import MANAGED_LABEL
from releaseflow.workloads.registry import WORKLOADS

_ADMISSION = "admissionregistration.k8s.io/v1"
_POLICIES = {
    "MutatingAdmissionPolicy": "mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": "mutatingadmissionpolicybindings",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}


class Resource(Enum):
    """One kind of object: its name, the group and version that serve it, and its name in paths.

    The kinds of workloads are members too, which only their files name, and those of admission.
    """

    FLOW = ("ReleaseFlow", f"{GROUP}/{VERSION}", "releaseflows")
    RUN = ("MigrationRun", f"{GROUP}/{VERSION}", "migrationruns")
    JOB = ("Job", "batch/v1", "jobs")
    POD = ("Pod", "v1", "pods")
    LEASE = ("Lease", "coordination.k8s.io/v1", "leases")
    EVENT = ("Event", "v1", "events")
    CLAIM = ("PersistentVolumeClaim", "v1", "persistentvolumeclaims")
    NAMESPACE = ("Namespace", "v1", "namespaces")
    vars().update({kind.upper(): (kind, known.api_version, known.plural) for kind, known in WORKLOADS.items()})
    vars().update({kind.upper(): (kind, _ADMISSION, plural) for kind, plural in _POLICIES.items()})

    def __init__(self, singular: str, api_version: str, plural: str) -> None:
        self.singular = singular
        self.api_version = api_version
        self.plural = plural

    @classmethod
    def of_workload(cls, kind: str) -> "Resource":
        """Return a kind of workload."""
        return cls[kind.upper()]

    @property
    def is_workload(self) -> bool:
        """Whether it is a kind of workload."""
        return self.singular in WORKLOADS

    @property
    def may_be_unserved(self) -> bool:
        """Whether it is a custom resource of somebody else, which a cluster need not have."""
        return self.is_workload and not WORKLOADS[self.singular].is_built_in

    @property
    def is_admission(self) -> bool:
        """Whether it is a policy of admission, or the binding of one."""
        return self.api_version == _ADMISSION

    @property
    def group(self) -> str:
        """API group; empty for the core's."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Version of the group."""
        return self.api_version.rpartition("/")[2]

    @property
    def selector(self) -> str:
        """Label selector that its watch uses; empty where all objects are watched."""
        return MANAGED_LABEL if self in _LABELLED else ""

    def is_watched(self, labels: dict[str, str]) -> bool:
        """Whether the watch delivers an object with these labels."""
        return self not in _LABELLED or MANAGED_LABEL in labels

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """Path of an object, of its subresource, or of all objects of a namespace; of all namespaces without one."""
        root = "/api" if "/" not in self.api_version else "/apis"
        where = f"namespaces/{namespace}/" if namespace else ""
        rest = "".join(f"/{piece}" for piece in (name, subresource) if piece)
        return f"{root}/{self.api_version}/{where}{self.plural}{rest}"


OF_ADMISSION = tuple(Resource[kind.upper()] for kind in _POLICIES)
"""What mode Gate needs; nothing of it is watched."""
OF_WORKLOADS = tuple(Resource.of_workload(kind) for kind in WORKLOADS)
_LABELLED = frozenset({Resource.JOB, Resource.POD, *OF_WORKLOADS})

WATCHED = (Resource.FLOW, Resource.RUN, Resource.JOB, Resource.POD, *OF_WORKLOADS)
"""What is watched wherever the operator serves; Leases are watched in the operator's own namespace."""

"""The objects of vectors as the model holds them, fresh from their creation."""

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import Commands
from releaseflow.core.run.facts import DatabaseState
from releaseflow.workloads.workload import Rollout
from tests.conformance.language import Create
from tests.model import interning
from tests.model.objects import (
    ONLY,
    OURS,
    Body,
    FlowBody,
    JobBody,
    Kind,
    LockBody,
    RunBody,
    StoredObject,
    TargetBody,
)
from tests.support import builders

KINDS = {
    "flow": Kind.FLOW,
    "run": Kind.RUN,
    "lock": Kind.LEASE,
    "job": Kind.JOB,
    "pods": Kind.POD,
    "target": Kind.TARGET,
    "statefulset": Kind.TARGET,
    "daemonset": Kind.TARGET,
}
STEPS = {"check": StepType.CHECK, "backup": StepType.BACKUP, "migration": StepType.MIGRATE}
KEEPERS = {"held": OURS, "kept-by-somebody": "example.com/somebody"}
IMAGES = {builders.OLD: "old", builders.NEW: "new"}
RUN_UID = "run-uid"


def thing(act: Create, uid: str, owner: str) -> StoredObject:
    """Return an object with the traits that a vector names."""
    traits = act.traits.split()
    finalizers = tuple(finalizer for word, finalizer in KEEPERS.items() if word in traits)
    return StoredObject(act.role, uid, 1, _body(act.role, traits), finalizers, owner=owner)


def _body(role: str, traits: list[str]) -> Body:
    match KINDS[role]:
        case Kind.FLOW:
            status = interning.FLOW_STATUSES.number(ReleaseFlowStatus())
            return FlowBody(interning.FLOW_SPECS.number(builders.flow_spec()), status, 1, Commands())
        case Kind.RUN:
            status = interning.RUN_STATUSES.number(MigrationRunStatus())
            return RunBody(interning.RUN_SPECS.number(builders.run_spec()), status)
        case Kind.LEASE:
            return LockBody("", "", DatabaseState.CLEAN)
        case Kind.JOB:
            step = next(step for word, step in STEPS.items() if word in traits)
            return JobBody(step, RUN_UID, 1, "hash", builders.NEW, suspended="suspended" in traits)
        case Kind.TARGET:
            return TargetBody(((ONLY, builders.OLD),), Rollout.UNOBSERVED, ABSENT)
        case Kind.POD:
            raise AssertionError("pods are made by their Job's controller alone")

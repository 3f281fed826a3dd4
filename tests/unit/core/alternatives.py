"""For each fact that can be observed: what else it may be."""

from datetime import timedelta
from itertools import product
from typing import Any

from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.migration import Compatibility
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Trigger
from releaseflow.api.v1alpha1.steps import StepOutcome
from releaseflow.api.v1alpha1.target import TargetStep
from releaseflow.core.facts import ABSENT, PendingCause, PodPhase
from releaseflow.core.flow.facts import Commands, Fence
from releaseflow.core.run.facts import DatabaseState, EarlierRun, FlowOfDatabase, Waiter, WorkloadFacts
from releaseflow.core.timestamps import timestamp
from releaseflow.workloads.workload import Rollout
from tests.support import builders
from tests.support.builders import NEW, NEWER, NOW, OLD

Choices = dict[str, tuple[Any, ...]]
"""For each field, what else may stand there."""
BOTH = (False, True)
EARLIER, LATER = NOW - timedelta(hours=2), NOW + timedelta(hours=2)
MOMENTS = (None, NOW, EARLIER, LATER)
WRITTEN = tuple(None if moment is None else timestamp(moment) for moment in MOMENTS)
PENDING_CAUSES = (ABSENT, PendingCause(Reason.IMAGE_PULL_FAILED, "back-off " * 200))
FAILURES = (None, *(Failure(step="Migrate", reason=reason, hint="h" * 1024) for reason in Reason))

STEP: Choices = {
    "attempt": (1, 2, 3),
    "job_uid": ("", "other-uid"),
    "template_hash": ("", "other"),
    "outcome": (None, *StepOutcome),
    "exit_code": (None, 0, 1, 137),
    "pod_name": ("", "pod"),
    "given_up": (None, Reason.QUOTA_EXCEEDED),
    "start_time": WRITTEN,
}
RUN_STATUS: Choices = {
    "backup": (None,),
    "database_identity": ("", builders.OTHER_IDENTITY),
    "approval_request_time": WRITTEN,
    "approval_time": WRITTEN,
    "schema_before": (None,),
    "outcome": (None, *Reason),
}
JOB: Choices = {
    "uid": ("other-uid",),
    "run_uid": ("", "other-run"),
    "attempt": (2,),
    "template_hash": ("", "other"),
    "created": MOMENTS[1:],
    "start_time": MOMENTS,
    "suspended": BOTH,
    "edited": BOTH,
    "complete": BOTH,
    "failed": BOTH,
    "failed_reason": ("", "DeadlineExceeded", "x" * 2000),
    "failed_exit_code": (None, 0, 1),
    "deleting": BOTH,
    "has_finalizer": BOTH,
    "pending_cause": PENDING_CAUSES,
}
POD: Choices = {
    "job_uid": ("other-uid",),
    "phase": tuple(PodPhase),
    "containers": ((),),
    "deleting": BOTH,
    "has_finalizer": BOTH,
    "node_lost": BOTH,
    "disrupted": BOTH,
}
CONTAINER: Choices = {
    "image": ("evil:1",),
    "started": BOTH,
    "ended": BOTH,
    "is_init": BOTH,
    "exit_code": (None, 0, 1, 137),
    "ended_by": ("", "OOMKilled"),
    "message": ("", "no JSON", builders.backup_says(tables=0), builders.schema_says(identity=builders.OTHER_IDENTITY)),
}
LOCK: Choices = {
    "holder_uid": ("", "other-run"),
    "holder_name": ("", "n" * 253),
    "holder_exists": BOTH,
    "holder_pod_alive": BOTH,
    "database": tuple(DatabaseState),
    "had_tables": BOTH,
    "tables_namespace_uid": ("", "former-namespace-uid"),
    "namespace_uid": ("",),
    "identity": ("", builders.OTHER_IDENTITY),
    "last_uid": ("", "other-run"),
    "unknown_since": ("", "n" * 253),
}
FLOW_OF_RUN: Choices = {
    "image": (OLD, NEW, NEWER),
    "sequence": (0, 1, 2, 9),
    "suspended": BOTH,
    "aborted": BOTH,
    "approved": BOTH,
    "deleting": BOTH,
}
RUN: Choices = {
    "queued": BOTH,
    "deleting": BOTH,
    "has_finalizer": BOTH,
    "flow": (ABSENT,),
    "approved": BOTH,
    "earlier": (ABSENT, EarlierRun("e", "shop-db/url", "Rails", "1 applied, last: 1", builders.OTHER_IDENTITY)),
    "flows_of_database": ((FlowOfDatabase("shop"),), (FlowOfDatabase("shop", suspended=True),)),
    "rejection": PENDING_CAUSES,
    "lock": (ABSENT,),
    "waiters": ((Waiter(EARLIER, "a"),), (Waiter(LATER, "a"),)),
    "keys_of_identity": (("blog",),),
    "workload": (ABSENT, WorkloadFacts(container_found=False), WorkloadFacts(missing_sidecars=("p",))),
    "pods": ((),),
    "template_hashes": ((), builders.HASHES),
    "now": MOMENTS[1:],
    "spec": (
        builders.run_spec(approvalRequired=True),
        builders.run_spec(acceptUnknownDatabase=True),
        builders.run_spec(acceptEmptyDatabase=True),
        builders.run_spec(flowRef=None),
        builders.run_spec(flowRef=None, migration={"tool": "Rails"}, operation="Down", down={"runName": "earlier"}),
        builders.run_spec(migration={"tool": "Django", "check": {"policy": "Never"}}),
    ),
}
RELEASE: Choices = {
    "sequence": (1, 2, 9),
    "image": (OLD, NEW, NEWER),
    "trigger": tuple(Trigger),
    "database_hash": ("other",),
    "run_outcome": (None, Reason.MIGRATED, Reason.NOTHING_PENDING),
    "migrated": BOTH,
    "compatibility": tuple(Compatibility),
    "aborted": BOTH,
    "outcome": (None, *Outcome),
    "outcome_reason": (None, *Reason),
}
TARGET_STATUS: Choices = {
    "uid": ("", "other-uid"),
    "containers": ((), *(builders.known(image, good).containers for image, good in product(("", OLD, NEW), repeat=2))),
    "step": tuple(TargetStep),
    "promoted_time": WRITTEN,
}
FLOW_STATUS: Choices = {
    "release": (None,),
    "targets": ((),),
    "history": ((),),
    "failure": FAILURES,
    "last_handled": (None,),
}
TARGET: Choices = {
    "uid": ("other-uid",),
    "images": ((("web", OLD),), (("web", NEW),), (("web", "evil:1"),), (("web", OLD), ("side", "x:1"))),
    "rollout": tuple(Rollout),
    "fence": (ABSENT, Fence("shop", "shop-uid-1", 0), Fence("shop", "shop-uid-1", 9), Fence("b", "b-uid", 4)),
    "fence_owner_exists": BOTH,
    "managed": BOTH,
    "restarted_for": (0, 1, 9),
    "image_ids": ((), ("sha256:other",)),
    "deleting": BOTH,
    "gated_by": ("", "shop", "blog"),
    "held": BOTH,
    "has_stale_mark": BOTH,
    "runs_template": BOTH,
}
RUN_OF_FLOW: Choices = {
    "image": (OLD, NEW, NEWER),
    "flow_uid": ("other-flow",),
    "sequence": (1, 2, 9),
    "outcome": (ABSENT, *Reason),
    "migrated": BOTH,
    "pending_reason": (ABSENT, Reason.LOCK_HELD),
    "message": ("m" * 1024,),
    "failure": (ABSENT, *FAILURES[1:]),
    "image_id": ("", "sha256:new"),
    "deleting": BOTH,
    "backed_up": BOTH,
}
FLOW: Choices = {
    "deleting": BOTH,
    "commands": (Commands(), Commands(retry="1"), Commands(abort="1"), Commands(retry="2", reconcile="r" * 300)),
    "rejection": PENDING_CAUSES,
    "run": (ABSENT,),
    "runs": ((),),
    "now": MOMENTS[1:],
    "missing_policies": ((), ("MutatingAdmissionPolicy",)),
}
SPEC: Choices = {
    "image": (OLD, NEW, NEWER),
    "suspend": BOTH,
    "approvals": ((), ("BeforeMigration",), ("BeforePromotion",), ("BeforePromotion", "BeforeMigration")),
    "historyLimit": (1, 10),
    "promotion": ({"onRolloutFailure": "Hold"}, {"onRolloutFailure": "Rollback"}, {"order": "Parallel"}),
}

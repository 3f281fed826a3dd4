"""Flows and runs for the tests of the core: small, typed, with sensible defaults."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from releaseflow.api.v1alpha1.backup import Backup
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.target import ContainerStatus, TargetStatus
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, ContainerFacts, JobFacts, PodFacts, PodPhase
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.run.facts import FlowForRun, LockFacts, RunObserved, WorkloadFacts
from releaseflow.destinations.persistent_volume_claim import PersistentVolumeClaim
from releaseflow.workloads.workload import Rollout

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
OLD, NEW, NEWER = "acme/shop:1", "acme/shop:2", "acme/shop:3"
RUN_UID, FLOW_UID, JOB_UID = "run-uid", "flow-uid", "job-uid"
IDENTITY, OTHER_IDENTITY = "1d" * 32, "2d" * 32
BEFORE, AFTER = "be" * 32, "af" * 32
NO_BACKUP = Backup.model_validate({"none": {"acknowledge": "DataMayBeLost"}})
POINT_IN_TIME = Backup.model_validate({"pointInTime": {"statement": "RDS, 7 days, restore tested 2026-10-02"}})
BACKUPS = PersistentVolumeClaim(claim_name="backups")
INIT_CONTAINERS = {ContainerName.MIGRATE}
HASHES = tuple((step, f"hash-of-{step.value}") for step in StepType)


def flow_spec(**facts: Any) -> ReleaseFlowSpec:
    """Return the spec of a flow that releases one Deployment with Django; facts are named as in YAML, or ABSENT."""
    spec: dict[str, Any] = {
        "image": NEW,
        "targets": [{"name": "shop"}],
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"tool": "Django"},
    }
    return ReleaseFlowSpec.model_validate(given(spec | facts))


def executed(**migration: Any) -> dict[str, Any]:
    """Return a migration that is executed in a running container."""
    way = {"runIn": "RunningContainer", "runningContainer": {"workloadRef": {"name": "shop-console"}}}
    return {"tool": "Django", "serviceAccountName": "shop-migrator", **way, **migration}


def given(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that are not ABSENT."""
    return {name: fact for name, fact in facts.items() if fact is not ABSENT}


def run_spec(**facts: Any) -> MigrationRunSpec:
    """Return the spec of the flow's first run."""
    spec: dict[str, Any] = {
        "flowRef": {"name": "shop", "uid": FLOW_UID, "sequence": 1},
        "image": NEW,
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"tool": "Django"},
    }
    spec |= facts
    return MigrationRunSpec.model_validate(
        {**spec, "migration": {"workloadRef": {"name": "shop"}, **spec["migration"]}}
    )


def target(image: str = OLD, **facts: Any) -> TargetFacts:
    """Return a Deployment that is fully rolled out."""
    seen = TargetFacts("Deployment", "shop", "shop-uid", "1", (("web", image),), Rollout.COMPLETE)
    return replace(seen, **facts)


def known(image: str, good: str = "", **facts: Any) -> TargetStatus:
    """Return what is recorded of the only target, of one container."""
    container = ContainerStatus(name="web", image=image, good_image=good)
    return TargetStatus(**({"name": "shop", "uid": "shop-uid", "containers": (container,)} | facts))


def flow(**facts: Any) -> FlowObserved:
    """Return a flow that is seen for the first time, over a Deployment that runs the old image."""
    seen = FlowObserved(
        name="shop",
        namespace="team",
        uid=FLOW_UID,
        resource_version="1",
        generation=1,
        spec=flow_spec(),
        status=ReleaseFlowStatus(),
        now=NOW,
        targets=(target(),),
    )
    return replace(seen, **facts)


def run(**facts: Any) -> RunObserved:
    """Return a run that holds its lock, and has done nothing else yet."""
    seen = RunObserved(
        name="shop-1-abc",
        namespace="team",
        uid=RUN_UID,
        resource_version="1",
        generation=1,
        created=NOW,
        spec=run_spec(),
        status=MigrationRunStatus(),
        now=NOW,
        has_finalizer=True,
        flow=FlowForRun(image=NEW, sequence=1),
        lock=lock(),
        workload=WorkloadFacts(),
        client_image="releaseflow/postgresql:18",
        template_hashes=HASHES,
    )
    return replace(seen, **facts)


def lock(**facts: Any) -> LockFacts:
    """Return the lock, held by the run."""
    seen = LockFacts("lock", "lock-uid", "1", holder_uid=RUN_UID, holder_name="shop-1-abc", holder_exists=True)
    return replace(seen, **facts)


def job(**facts: Any) -> JobFacts:
    """Return a Job of the run that is under way."""
    seen = JobFacts("job", JOB_UID, "1", RUN_UID, 1, "hash-of-Check", NOW, start_time=NOW)
    return replace(seen, **facts)


def pod(step: StepType, phase: PodPhase, *containers: ContainerFacts, **facts: Any) -> PodFacts:
    """Return a pod of the run's Job."""
    seen = PodFacts("pod", "pod-uid", "1", step, JOB_UID, phase, containers)
    return replace(seen, **facts)


def container(name: str, code: int | None = 0, message: str = "", **facts: Any) -> ContainerFacts:
    """Return a container that ended with a code or, where there is none, still runs."""
    seen = ContainerFacts(name, NEW, "sha256:new", started=True, exit_code=code, message=message)
    return replace(seen, **({"ended": code is not None, "is_init": name in INIT_CONTAINERS} | facts))


def backup_says(**facts: Any) -> str:
    """Return the report of a backup that went well."""
    report: dict[str, Any] = {
        "ok": True,
        "identity": IDENTITY,
        "serverVersion": "18.1",
        "clientVersion": "18.1",
        "tables": 7,
        "schemaVersion": "shop.0001",
        "fingerprint": BEFORE,
        "path": "team/shop/1.dump",
        "sizeBytes": 4096,
        "sha256": "5a" * 32,
        "durationSeconds": 3,
        "proof": "read back whole",
    } | facts
    proven = {"provenSHA256": report["sha256"], "provenSizeBytes": report["sizeBytes"]}
    return json.dumps(proven | report)


def point_says(**facts: Any) -> str:
    """Return the report of a point in time that was recorded."""
    report: dict[str, Any] = {
        "ok": True,
        "identity": IDENTITY,
        "serverVersion": "18.1",
        "clientVersion": "18.1",
        "tables": 7,
        "schemaVersion": "shop.0001",
        "fingerprint": BEFORE,
        "recoveryTime": "2026-03-01T11:59:59Z",
        "recoveryLSN": "0/1A2B3C",
    }
    return json.dumps(report | facts)


def schema_says(**facts: Any) -> str:
    """Return the database's own word after a migration."""
    report: dict[str, Any] = {
        "ok": True,
        "identity": IDENTITY,
        "schemaVersion": "shop.0002",
        "fingerprint": AFTER,
        "tables": 8,
    }
    return json.dumps(report | facts)


def command_says(code: int = 0, log: str = "", **facts: Any) -> str:
    """Return the report of a command that was executed in another container, and has ended."""
    report: dict[str, Any] = {
        "ok": True,
        "exitCode": code,
        "pod": "shop-console-0",
        "image": NEW,
        "imageID": "sha256:new",
        "log": log,
    }
    return json.dumps(report | facts)


def lost_says(detail: str = "the connection was closed with code 1006", pod: str = "shop-console-0") -> str:
    """Return the report of a command that was executed in another container, and whose end is not known."""
    return json.dumps({"ok": False, "reason": "OutcomeUnknown", "detail": detail, "pod": pod})


def failure_says(reason: str, detail: str = "it said so") -> str:
    """Return the report of one of our containers that failed."""
    return json.dumps({"ok": False, "reason": reason, "detail": detail})

"""The Job of one attempt at a step."""

import hashlib
import json
from typing import Any

from releaseflow.api.schema.base import API_VERSION
from releaseflow.api.v1alpha1.metadata import ATTEMPT, FINALIZER, TEMPLATE_HASH
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.containers import ContainerName
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.labels import labels
from releaseflow.jobs.node import prefer_node
from releaseflow.jobs.pod_templates import pod_template

RUNS_ONCE = {"backoffLimit": 0, "completions": 1, "parallelism": 1, "podReplacementPolicy": "Failed"}
"""Fields of a Job's spec that keep its pod the only one, with their values."""
LOG_SECONDS = 3600
"""So long people can read the log of a backup or a migration that has ended.

A backup stays for as long as it may be used: gone before its outcome was recorded, it would be taken again as well.
"""
_HASH = 16
_SOON = 60
"""Seconds after its end until a Job is removed that would raise an alert where it failed, and that is not needed."""
_REPORT_SECONDS = 300
"""What a report may take: it waits a minute for the database, and another for sessions to end."""


def job(inputs: JobInputs, template_hash: str) -> dict[str, Any]:
    """Return the manifest of a step's Job.

    Args:
        inputs: The facts behind it.
        template_hash: The hash that is recorded for the attempt; it is never computed again from the Job.

    Raises:
        ContainerNotFoundError: The workload has no container to inherit from.
    """
    metadata: dict[str, Any] = {
        "name": inputs.name,
        "namespace": inputs.namespace,
        "labels": labels(inputs),
        "annotations": {TEMPLATE_HASH: template_hash, ATTEMPT: str(inputs.attempt)},
    }
    spec: dict[str, Any] = {
        **RUNS_ONCE,
        "activeDeadlineSeconds": _deadline(inputs),
        "template": pod_template(inputs),
    }
    match inputs.step:
        case StepType.CHECK:
            metadata["ownerReferences"] = [_run(inputs)]
            spec |= {"podFailurePolicy": _keeps_exit_code(ContainerName.CHECK), "ttlSecondsAfterFinished": _SOON}
        case StepType.HOOK:
            metadata["ownerReferences"] = [_run(inputs)]
            spec |= {"suspend": True, "ttlSecondsAfterFinished": LOG_SECONDS}
        case StepType.BACKUP:
            metadata["ownerReferences"] = [_run(inputs)]
            spec["ttlSecondsAfterFinished"] = max(LOG_SECONDS, inputs.spec.backup.maximum_age_seconds)
        case StepType.REPORT:
            metadata["ownerReferences"] = [_run(inputs)]
            spec |= {"ttlSecondsAfterFinished": _SOON}
        case StepType.MIGRATE:
            metadata["finalizers"] = [FINALIZER]
            spec |= {"suspend": True, "template": prefer_node(spec["template"], inputs.preferred_node)}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def template_hash(inputs: JobInputs) -> str:
    """Return the hash of the pod template as it would be built now; where the pod had better run is no part of it.

    Raises:
        ContainerNotFoundError: The workload has no container to inherit from.
    """
    text = json.dumps(pod_template(inputs), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]


def _deadline(inputs: JobInputs) -> int:
    match inputs.step:
        case StepType.CHECK:
            return inputs.spec.migration.check.deadline_seconds
        case StepType.HOOK:
            return inputs.required_hook.deadline_seconds
        case StepType.BACKUP:
            return inputs.spec.backup.deadline_seconds
        case StepType.MIGRATE:
            return inputs.spec.migration.deadline_seconds
        case StepType.REPORT:
            return _REPORT_SECONDS


def _run(inputs: JobInputs) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "MigrationRun",
        "name": inputs.run_name,
        "uid": inputs.run_uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }


def _keeps_exit_code(container: ContainerName) -> dict[str, Any]:
    """Leave the exit code in the Job's condition, where it stays when the pod is gone."""
    codes = {"containerName": container, "operator": "NotIn", "values": [0]}
    return {"rules": [{"action": "FailJob", "onExitCodes": codes}]}

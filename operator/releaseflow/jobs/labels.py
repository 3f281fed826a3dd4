"""The labels and annotations of a Job and its pod: ours, and those that the user gives to pods; none is copied."""

from typing import Any

from releaseflow.api.v1alpha1.metadata import FLOW_UID_LABEL, MANAGED_LABEL, RUN_NAME_LABEL, RUN_UID_LABEL, STEP_LABEL
from releaseflow.jobs.inputs import JobInputs

_LONGEST_VALUE = 63


def labels(inputs: JobInputs) -> dict[str, str]:
    """Return the labels of a step's Job and pod; with a run's name only where it fits."""
    found = {MANAGED_LABEL: "true", RUN_UID_LABEL: inputs.run_uid, STEP_LABEL: inputs.step.value}
    if inputs.flow_uid:
        found[FLOW_UID_LABEL] = inputs.flow_uid
    if len(inputs.run_name) <= _LONGEST_VALUE:
        found[RUN_NAME_LABEL] = inputs.run_name
    return found


def pod_metadata(inputs: JobInputs) -> dict[str, Any]:
    """Return the metadata of a step's pod; labels of ours win over given ones."""
    jobs = inputs.spec.jobs
    annotations = {"annotations": dict(jobs.pod_annotations)} if jobs.pod_annotations else {}
    return {"labels": {**dict(jobs.pod_labels), **labels(inputs)}, **annotations}

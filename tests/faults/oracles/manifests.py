"""I11 and rules 4, 6, 7, 8: what a Job must contain before it is created, so that nothing can go wrong later."""

from collections.abc import Iterator

from tests.faults.oracles.changes import STEP, label
from tests.faults.simulator.history import Raw

FINALIZER = "releaseflow.dev/outcome"
ONCE = {"backoffLimit": 0, "completions": 1, "parallelism": 1, "podReplacementPolicy": "Failed"}
"""Of a Job that runs one pod, once."""


def broken_by_job(job: Raw) -> Iterator[str]:
    """Yield what is wrong with a Job that the operator creates."""
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    wrong = {field: spec.get(field) for field, value in ONCE.items() if spec.get(field) != value}
    if wrong or pod.get("restartPolicy") != "Never":
        yield f"I2: a Job that may run twice: {wrong or pod.get('restartPolicy')}"
    if not spec.get("activeDeadlineSeconds"):
        yield "O4: a Job that may run for ever"
    if pod.get("serviceAccountName") or pod.get("automountServiceAccountToken"):
        yield "I11: a Job with a ServiceAccount that nobody named"
    if label(job, STEP) == "Migrate":
        yield from _of_migration(job)


def _of_migration(job: Raw) -> Iterator[str]:
    if not job["spec"].get("suspend"):
        yield "I2: a migration is created that starts before its UID is recorded"
    if job["metadata"].get("ownerReferences"):
        yield "I5: a migration is created that goes when its owner goes"
    for what, metadata in (("Job", job["metadata"]), ("pod", job["spec"]["template"]["metadata"])):
        if FINALIZER not in metadata.get("finalizers", []):
            yield f"rule 6: the {what} of a migration may vanish before its outcome is read"

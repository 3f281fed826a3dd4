"""What the containers of a backup say, and why an attempt ended without a proven backup."""

from releaseflow.api.v1alpha1.failure import FailedStep, Failure
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.containers import ContainerName
from releaseflow.core.facts import ABSENT, Absent, ContainerFacts, PodFacts
from releaseflow.core.redaction import tail
from releaseflow.core.run.attempt import AttemptEnded
from releaseflow.core.run.connection import what_to_write
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.run.failures import failure
from releaseflow.core.run.reports import (
    DumpReport,
    FailureReport,
    PointReport,
    ProofReport,
    Unreadable,
    dump_report,
    point_report,
    proof_report,
)


def reports_of(
    over: AttemptEnded,
) -> tuple[DumpReport | FailureReport | Unreadable, ProofReport | FailureReport | Unreadable]:
    """Return what the dump and the proof report; none unless every container of ours ended with 0."""
    if over.pod is ABSENT or not _ended_well(over.pod):
        return Unreadable(), Unreadable()
    message = message_of(over.pod, ContainerName.BACKUP)
    return dump_report(message), proof_report(message)


def point_of(over: AttemptEnded) -> PointReport | FailureReport | Unreadable:
    """Return what the database said of the point in time; none unless every container of ours ended with 0."""
    if over.pod is ABSENT or not _ended_well(over.pod):
        return Unreadable()
    return point_report(message_of(over.pod, ContainerName.POINT))


def _ended_well(pod: PodFacts) -> bool:
    ours = [container for container in pod.containers if container.name in set(ContainerName)]
    return bool(ours) and all(container.ended_well for container in ours)


def agree(dump: DumpReport, proof: ProofReport) -> bool:
    """Whether what was read back is what was written."""
    return (proof.sha256, proof.size_bytes) == (dump.sha256, dump.size_bytes)


def message_of(pod: PodFacts | Absent, name: ContainerName) -> str:
    """Return what a container says in its termination message."""
    container = pod.container(name) if pod is not ABSENT else ABSENT
    return "" if container is ABSENT else container.message


def attempt_failure(facts: RunObserved, over: AttemptEnded) -> Failure:
    """Describe an attempt that ended without a proven backup."""
    if over.job.failed_reason == "DeadlineExceeded":
        return backup_failure(facts, Reason.DEADLINE_EXCEEDED, "the backup took longer than backup.deadlineSeconds")
    if over.pod is ABSENT:
        return backup_failure(facts, Reason.INTERRUPTED, "the backup's pod ended before it could be read")
    container = _failed_container(over.pod)
    if container is ABSENT and not _ended_well(over.pod):
        return backup_failure(facts, Reason.INTERRUPTED, "the backup's pod ended before all of its containers had")
    if container is ABSENT:
        return _unproven(facts)
    report = dump_report(container.message, _reason_of_end(container))
    known = isinstance(report, FailureReport)
    reason = report.reason if isinstance(report, FailureReport) else _reason_of_end(container)
    ended_by = container.ended_by or f"exit code {container.exit_code}"
    detail = report.detail if isinstance(report, FailureReport) else f"{container.name} ended by {ended_by}"
    if reason is Reason.CONNECTION_NOT_FOUND and facts.workload is not ABSENT:
        detail = f"{detail}. {what_to_write(facts.workload)}"
    return failure(
        facts,
        FailedStep.BACKUP,
        reason,
        detail,
        exit_code=container.exit_code,
        pod=over.pod.name,
        log_tail="" if known else tail(container.message),
    )


def _reason_of_end(container: ContainerFacts) -> Reason:
    if container.out_of_memory:
        return Reason.OUT_OF_MEMORY
    return Reason.BACKUP_FAILED


def _unproven(facts: RunObserved) -> Failure:
    """Describe an attempt of which every container ended well."""
    if facts.spec.backup.is_taken:
        return backup_failure(facts, Reason.BACKUP_UNVERIFIED, "what was read back is not what was written")
    return backup_failure(facts, Reason.BACKUP_FAILED, "the database's answer has no point in time")


def _failed_container(pod: PodFacts) -> ContainerFacts | Absent:
    """Return the first container that ended with an error."""
    return next((c for c in pod.containers if c.exit_code not in {None, 0}), ABSENT)


def backup_failure(facts: RunObserved, reason: Reason, why: str) -> Failure:
    """Describe a backup that failed without a word of its containers."""
    return failure(facts, FailedStep.BACKUP, reason, why)

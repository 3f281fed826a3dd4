"""What the kubelet makes of a pod, in small moves: its containers start and end, and its phase says so later."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from tests.model import interning
from tests.model.changes import body_of, written
from tests.model.hooks import BEGUN, broken_by_a_hook, with_hook
from tests.model.invariants import (
    broken_by_a_start,
    with_end,
    with_start,
)
from tests.model.job_controller import NODE, job_moves, stopped_overdue
from tests.model.objects import Kind, PodBody, RunBody, StoredObject
from tests.model.pod_outcomes import GOOD, KILLED, STEP_OF, fate_of
from tests.model.runners import is_executed
from tests.model.state import Change, ClusterState
from tests.model.troubles import EXECUTED
from tests.model.truths import truth_of


def pod_moves(cluster: ClusterState, pod: StoredObject) -> Iterator[Change]:
    """Return what the kubelet may do next about a pod; the first fate of its containers is the good one."""
    body = body_of(pod)
    if body.phase is PodPhase.PENDING:
        if pod.deleting:
            yield ended(cluster, pod, body._replace(phase=PodPhase.FAILED, fate=KILLED))
        else:
            yield _started(cluster, pod, body)
    elif body.phase is PodPhase.RUNNING and body.ended:
        yield _ended_whole(cluster, pod, body)
    elif body.phase is PodPhase.RUNNING:
        yield from _ends(cluster, pod, body)


def _ends(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Iterator[Change]:
    """Let the containers of a running pod end, in every way that they can.

    The phase of the pod and the condition of its Job follow at once, before anybody looks, unless that is the trouble:
    then each of them comes in its own time, or not as long as anybody looks.
    """
    fates = _fates(cluster, body)
    good = fates[0]
    ends = _ended_whole if pod.deleting else _followed
    for fate in fates:
        move = ends(cluster, pod, body._replace(fate=fate, ended=True))
        yield move._replace(trouble="" if fate == good else fate)
    if pod.deleting:
        yield _ended_whole(cluster, pod, body._replace(fate=KILLED))
    for fate in fates if body.step is StepType.MIGRATE else (good,):
        yield containers_ended(cluster, pod, body._replace(fate=fate, ended=True))._replace(trouble="judged late")


def _ended_whole(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    """Let the containers of a pod end, and its phase say so."""
    return ended(cluster, pod, body._replace(phase=_phase_after(body)))


def _fates(cluster: ClusterState, body: PodBody) -> tuple[str, ...]:
    """Return how the containers of a pod may end, the good way first; what is asked after a migration is true."""
    truth = truth_of(cluster, body.run_uid)
    if body.step is StepType.CHECK and truth is not None and _is_asked_after_the_migration(cluster, body.run_uid):
        return ("nothing pending" if truth.migrated == "ok" else "pending",)
    if body.step is StepType.REPORT:
        return (
            "changed" if truth is not None and (truth.changed or truth.migrated == "ok") else "as before",
            "no report",
        )
    good, elsewhere = GOOD[body.step], () if is_executed(cluster, body.run_uid) else EXECUTED
    others = (name for name, step in STEP_OF.items() if step is body.step and name not in {good, *elsewhere})
    return (good, *others)


def _is_asked_after_the_migration(cluster: ClusterState, run_uid: str) -> bool:
    """Whether a run asks its check once more, after its migration has ended well."""
    run = cluster.shelf(Kind.RUN).by_uid.get(run_uid)
    step = (
        interning.step_of(run.body.spec, run.body.status, StepType.MIGRATE)
        if run and isinstance(run.body, RunBody)
        else None
    )
    return step is not None and step.outcome is not None


def _phase_after(body: PodBody) -> PodPhase:
    fate = fate_of(body)
    return PodPhase.FAILED if fate is None else fate.phase


def _followed(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    """Let the phase of a pod say that its containers have ended, and its Job be judged by it, before anybody looks."""
    change = _ended_whole(cluster, pod, body)
    for job in change.after.shelf(Kind.JOB).things:
        if job.uid == pod.owner:
            moves = job_moves(change.after, job)
            judged = next((move for move in moves if move.what.startswith("judges")), change)
            return change._replace(after=judged.after)
    return change


def containers_ended(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    """Let the containers of a pod end, and nothing else say so yet."""
    cluster = with_end(cluster, body) if body.started else cluster
    return written(cluster, f"kubelet: ends the containers ({body.fate}) of", Kind.POD, pod._replace(body=body))


def _started(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    broken = broken_by_a_start(cluster, body) if body.step is StepType.MIGRATE else ""
    if body.step is StepType.MIGRATE:
        cluster = with_start(cluster, body)
    if body.step is StepType.HOOK:
        broken = broken_by_a_hook(cluster, body)
        cluster = with_hook(cluster, body, BEGUN)
    running = body._replace(phase=PodPhase.RUNNING, started=True)
    return written(cluster, "kubelet: starts", Kind.POD, pod._replace(body=running))._replace(broken=broken)


def ended(cluster: ClusterState, pod: StoredObject, body: PodBody) -> Change:
    """Let a pod end as its fate says."""
    fate = fate_of(body)
    if fate is not None and fate.failed_reason == "DeadlineExceeded":
        cluster, pod = stopped_overdue(cluster, pod)
    cluster = with_end(cluster, body) if body.started and not body_of(pod).ended else cluster
    finalizers = tuple(finalizer for finalizer in pod.finalizers if finalizer != NODE)
    return written(
        cluster,
        f"kubelet: ends ({body.fate})",
        Kind.POD,
        pod._replace(finalizers=finalizers, body=body._replace(ended=body.started)),
    )

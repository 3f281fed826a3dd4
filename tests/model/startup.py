"""Migrations that run as the pods of a target start: what the kubelet makes of them, and what a run sees.

A target that is alone has one pod, and so one migration at a time. The kubelet starts it again after an error: that a
migration runs once is no promise of this way.
"""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import PodPhase
from releaseflow.core.run.startup_facts import StartingPod, StartingTarget
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.changes import written
from tests.model.invariants import broken_by_a_start, with_end, with_start
from tests.model.objects import DONE, FAILED, RUNNING, WAITING, Kind, PodBody, StoredObject, TargetBody
from tests.model.state import Change, ClusterState
from tests.model.truths import truth_of


def starting_target(seen: StoredObject | None, live: StoredObject | None) -> StartingTarget | None:
    """Return a target as a run reads it: its pods are listed live, whatever the cache shows of the target itself."""
    if seen is None or not isinstance(seen.body, TargetBody):
        return None
    pods = (_pod(live.body),) if live is not None and isinstance(live.body, TargetBody) and live.body.migration else ()
    follow = f"kubectl rollout status deployment/{seen.name} -n {interning.NAMESPACE}"
    return StartingTarget(seen.body.migrates_for, seen.body.rollout, follow=follow, pods=pods)


def _pod(body: TargetBody) -> StartingPod:
    return StartingPod(
        "shop-1",
        body.migrates_for,
        running=body.migration == RUNNING,
        done=body.migration == DONE,
        exit_code=1 if body.migration == FAILED else None,
        message="column exists already" if body.migration == FAILED else "",
        image_id="sha256:new",
    )


def kubelet_moves(cluster: ClusterState, target: StoredObject) -> Iterator[Change]:
    """Return what the kubelet may do next about the migration in the pod of a target."""
    body = target.body
    assert isinstance(body, TargetBody)
    if body.rollout is Rollout.UNOBSERVED:
        return
    if body.migration in {WAITING, FAILED}:
        yield _started(cluster, target, body)
    elif body.migration == RUNNING:
        yield _ended(cluster, target, body, DONE)
        yield _ended(cluster, target, body, FAILED)._replace(trouble="migration failed")


def _started(cluster: ClusterState, target: StoredObject, body: TargetBody) -> Change:
    pod = _as_pod(cluster, body, "")
    broken = broken_by_a_start(cluster, pod, repeats=True) if truth_of(cluster, pod.run_uid) else ""
    after = target._replace(body=body._replace(migration=RUNNING))
    return written(with_start(cluster, pod), "kubelet: migrates in", Kind.TARGET, after)._replace(broken=broken)


def _ended(cluster: ClusterState, target: StoredObject, body: TargetBody, how: str) -> Change:
    pod = _as_pod(cluster, body, "migrated" if how == DONE else "migration failed")
    after = target._replace(body=body._replace(migration=how))
    return written(with_end(cluster, pod), f"kubelet: ends the migration ({how}) in", Kind.TARGET, after)


def _as_pod(cluster: ClusterState, body: TargetBody, fate: str) -> PodBody:
    run = cluster.shelf(Kind.RUN).by_name.get(body.migrates_for)
    uid = "" if run is None else run.uid
    return PodBody(StepType.MIGRATE, uid, "", body.image, PodPhase.RUNNING, started=True, fate=fate)

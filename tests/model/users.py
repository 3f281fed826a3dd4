"""What people do to the scene, at any moment: each kind of trouble happens as often as a scenario allows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from releaseflow.api.v1alpha1.pods import SecretKeyRef
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.workloads.workload import Rollout
from tests.model import api, gate, interning, tampering
from tests.model.approvals import approvals_of, with_approval
from tests.model.changes import SOMEBODY, changed
from tests.model.invariants import reports_empty_database, with_acceptance
from tests.model.objects import (
    ONLY,
    WAITING,
    FlowBody,
    Kind,
    StoredObject,
    TargetBody,
)
from tests.model.state import GHOSTS, Change, ClusterState

ELSEWHERE = SecretKeyRef(name="elsewhere", key="url")
"""The way to the database that a flow names instead of its own."""


def _edit_image(cluster: ClusterState) -> Iterator[Change]:
    """Ask for the image after this one, or for the one before."""
    for flow, body, spec in _flows(cluster):
        order = interning.IMAGES
        here = order.index(spec.image)
        for image in order[max(here - 1, 0) : here] + order[here + 1 : here + 2]:
            yield _edited(cluster, flow, body, spec, f"asks for {image}", image=image)


def _put_off(cluster: ClusterState) -> Iterator[Change]:
    """Ask for the newest image and suspend, in one write: what is under way ends, and nothing new begins."""
    for flow, body, spec in _flows(cluster):
        if spec.image != interning.IMAGES[-1]:
            facts = {"image": interning.IMAGES[-1], "suspend": True}
            yield _edited(cluster, flow, body, spec, f"asks for {interning.IMAGES[-1]}, not yet, of", **facts)


def _other_database(cluster: ClusterState) -> Iterator[Change]:
    """Name another database, which no run knows."""
    for flow, body, spec in _flows(cluster):
        if spec.database.url_secret_ref != ELSEWHERE:
            database = spec.database.model_copy(update={"url_secret_ref": ELSEWHERE})
            yield _edited(cluster, flow, body, spec, "names another database for", database=database)


def _suspend(cluster: ClusterState) -> Iterator[Change]:
    for flow, body, spec in _flows(cluster):
        if not spec.suspend:
            yield _edited(cluster, flow, body, spec, "suspends", suspend=True)


def _resume(cluster: ClusterState) -> Iterator[Change]:
    for flow, body, spec in _flows(cluster):
        if spec.suspend:
            yield _edited(cluster, flow, body, spec, "resumes", suspend=False)


def _newer_instead(cluster: ClusterState) -> Iterator[Change]:
    """Ask for the newest image of a flow that an empty database has stopped: nobody accepts it by that."""
    for flow, body, spec in _flows(cluster):
        if reports_empty_database(body) and spec.image != interning.IMAGES[-1]:
            yield _edited(cluster, flow, body, spec, f"asks for {interning.IMAGES[-1]} of", image=interning.IMAGES[-1])


def _retry(cluster: ClusterState) -> Iterator[Change]:
    """Retry a release; whoever was told of an empty database accepts it by that."""
    for flow, body, _ in _flows(cluster):
        commands = replace(body.commands, retry=body.commands.retry + "!")
        after = flow._replace(body=body._replace(commands=commands))
        yield changed(with_acceptance(cluster, flow), SOMEBODY, "annotates retry on", Kind.FLOW, after)


def _abort(cluster: ClusterState) -> Iterator[Change]:
    for flow, body, _ in _flows(cluster):
        commands = replace(body.commands, abort=body.commands.abort + "!")
        yield changed(
            cluster, SOMEBODY, "annotates abort on", Kind.FLOW, flow._replace(body=body._replace(commands=commands))
        )


def _approve(cluster: ClusterState) -> Iterator[Change]:
    for flow, body, _ in _flows(cluster):
        for approval in approvals_of(body):
            if body.commands.approve != approval:
                after = flow._replace(body=body._replace(commands=replace(body.commands, approve=approval)))
                known = with_approval(cluster, flow, approval)
                yield changed(known, SOMEBODY, f"approves {approval} of", Kind.FLOW, after)


def _delete(kind: Kind) -> Callable[[ClusterState], Iterator[Change]]:
    def moves(cluster: ClusterState) -> Iterator[Change]:
        for thing in cluster.shelf(kind).things:
            if not thing.deleting:
                answer = api.deleted(cluster.store[kind], thing.name, thing.uid, 0)
                assert isinstance(answer, int)
                yield Change(SOMEBODY, f"deletes {kind.name.lower()} {thing.name}", cluster.with_shelf(kind, answer))

    return moves


def _set_image(cluster: ClusterState) -> Iterator[Change]:
    """Put an image into a target past the operator."""
    for target in cluster.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        for image in (image for image in interning.IMAGES[:2] if image != body.image):
            again = WAITING if body.migrates_for else ""
            after = body._replace(images=((ONLY, image),), rollout=Rollout.UNOBSERVED, migration=again)
            yield changed(
                cluster, SOMEBODY, f"sets {image} in", Kind.TARGET, target._replace(body=gate.admitted(body, after))
            )


def _break_glass(cluster: ClusterState) -> Iterator[Change]:
    """Let a new image serve that admission would hold."""
    for target in cluster.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        for image in interning.IMAGES[1:2]:
            after = body._replace(images=((ONLY, image),), rollout=Rollout.UNOBSERVED, held=False)
            if after.images != body.served:
                yield changed(
                    cluster, SOMEBODY, f"breaks the glass for {image} in", Kind.TARGET, target._replace(body=after)
                )


def _touch(cluster: ClusterState) -> Iterator[Change]:
    """Write something that does not matter to a target: its version moves."""
    for target in cluster.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        after = body._replace(scale=body.scale + 1, rollout=Rollout.UNOBSERVED)
        yield changed(cluster, SOMEBODY, "scales", Kind.TARGET, target._replace(body=after))


def _drop_fence(cluster: ClusterState) -> Iterator[Change]:
    """Apply a manifest that knows no annotations of ours."""
    for target in cluster.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        if body.managed:
            after = body._replace(fence=ABSENT, managed=False, rollout=Rollout.UNOBSERVED)
            yield changed(cluster, SOMEBODY, "drops the fence of", Kind.TARGET, target._replace(body=after))


def _replace_target(cluster: ClusterState) -> Iterator[Change]:
    """Delete a target, and make one of the same name and image."""
    for target in cluster.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        uid, ghost = GHOSTS[cluster.ghost].born(target.name)
        again = TargetBody(body.images, Rollout.COMPLETE, ABSENT, gated_by=body.gated_by, held=bool(body.gated_by))
        fresh = StoredObject(target.name, uid, 1, again)
        shelf = api.created(api.removed(cluster.store[Kind.TARGET], target.name), fresh)
        assert isinstance(shelf, int)
        yield Change(
            SOMEBODY, f"replaces target {target.name}", cluster.with_ghost(ghost).with_shelf(Kind.TARGET, shelf)
        )


def _tick(cluster: ClusterState) -> Iterator[Change]:
    ghost = GHOSTS[cluster.ghost]
    yield Change("the clock", "jumps by twelve hours", cluster.with_ghost(ghost._replace(clock=ghost.clock + 1)))


TROUBLES: dict[str, Callable[[ClusterState], Iterator[Change]]] = {
    "edit image": _edit_image,
    "put off": _put_off,
    "other database": _other_database,
    "suspend": _suspend,
    "resume": _resume,
    "newer instead": _newer_instead,
    "retry": _retry,
    "abort": _abort,
    "approve": _approve,
    "delete flow": _delete(Kind.FLOW),
    "delete run": _delete(Kind.RUN),
    "delete job": _delete(Kind.JOB),
    "delete pod": _delete(Kind.POD),
    "delete target": _delete(Kind.TARGET),
    "delete job and pods": tampering.delete_job_with_pods,
    "orphan job": tampering.orphan_job,
    "take out of line": tampering.take_out_of_line,
    "strip job": tampering.strip_job,
    "strip pod": tampering.strip_pod,
    "suspend job": tampering.suspend_job,
    "resume job": tampering.resume_job,
    "forge": tampering.forge,
    "forge failure": tampering.forge_failure,
    "set image": _set_image,
    "break glass": _break_glass,
    "touch": _touch,
    "drop fence": _drop_fence,
    "replace target": _replace_target,
    "wipe status": tampering.wipe_status,
    "vanish pod": tampering.vanish_pod(PodPhase.PENDING),
    "vanish running pod": tampering.vanish_pod(PodPhase.RUNNING),
    "tick": _tick,
}
"""What people do; what networks, operators and pods do to each other stands where it happens."""


@cache
def changes(cluster: ClusterState, trouble: str) -> tuple[Change, ...]:
    """Return every way in which people may bring one kind of trouble."""
    return tuple(change._replace(trouble=trouble) for change in TROUBLES[trouble](cluster))


def _flows(cluster: ClusterState) -> Iterator[tuple[StoredObject, FlowBody, ReleaseFlowSpec]]:
    for flow in cluster.shelf(Kind.FLOW).things:
        assert isinstance(flow.body, FlowBody)
        yield flow, flow.body, interning.FLOW_SPECS[flow.body.spec]


def _edited(
    cluster: ClusterState, flow: StoredObject, body: FlowBody, spec: ReleaseFlowSpec, what: str, **facts: object
) -> Change:
    number = interning.FLOW_SPECS.number(spec.model_copy(update=facts))
    after = flow._replace(body=body._replace(spec=number, generation=body.generation + 1))
    return changed(cluster, SOMEBODY, what, Kind.FLOW, after)

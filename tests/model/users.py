"""What people do to the scene, at any moment: each kind of trouble happens as often as a scenario allows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec
from releaseflow.core.facts import ABSENT, PodPhase
from releaseflow.workloads.workload import Rollout
from tests.model import api, interning
from tests.model.approvals import approvals_of, with_approval
from tests.model.invariants import tells_of_empty_database, with_acceptance
from tests.model.objects import (
    FOREGROUND,
    ONLY,
    OURS,
    FlowBody,
    JobBody,
    Kind,
    PodBody,
    RunBody,
    TargetBody,
    Thing,
)
from tests.model.state import GHOSTS, Change, Scene

SOMEBODY = "somebody"


def _edit_image(scene: Scene) -> Iterator[Change]:
    """Ask for the image after this one, or for the one before."""
    for flow, body, spec in _flows(scene):
        order = interning.IMAGES
        here = order.index(spec.image)
        for image in order[max(here - 1, 0) : here] + order[here + 1 : here + 2]:
            yield _edited(scene, flow, body, spec, f"asks for {image}", image=image)


def _put_off(scene: Scene) -> Iterator[Change]:
    """Ask for the newest image and suspend, in one write: what is under way ends, and nothing new begins."""
    for flow, body, spec in _flows(scene):
        if spec.image != interning.IMAGES[-1]:
            facts = {"image": interning.IMAGES[-1], "suspend": True}
            yield _edited(scene, flow, body, spec, f"asks for {interning.IMAGES[-1]}, not yet, of", **facts)


def _suspend(scene: Scene) -> Iterator[Change]:
    for flow, body, spec in _flows(scene):
        if not spec.suspend:
            yield _edited(scene, flow, body, spec, "suspends", suspend=True)


def _resume(scene: Scene) -> Iterator[Change]:
    for flow, body, spec in _flows(scene):
        if spec.suspend:
            yield _edited(scene, flow, body, spec, "resumes", suspend=False)


def _newer_instead(scene: Scene) -> Iterator[Change]:
    """Ask for the newest image of a flow that an empty database has stopped: nobody accepts it by that."""
    for flow, body, spec in _flows(scene):
        if tells_of_empty_database(body) and spec.image != interning.IMAGES[-1]:
            yield _edited(scene, flow, body, spec, f"asks for {interning.IMAGES[-1]} of", image=interning.IMAGES[-1])


def _retry(scene: Scene) -> Iterator[Change]:
    """Retry a release; whoever was told of an empty database accepts it by that."""
    for flow, body, _ in _flows(scene):
        commands = replace(body.commands, retry=body.commands.retry + "!")
        after = flow._replace(body=body._replace(commands=commands))
        yield _changed(with_acceptance(scene, flow), SOMEBODY, "annotates retry on", Kind.FLOW, after)


def _abort(scene: Scene) -> Iterator[Change]:
    for flow, body, _ in _flows(scene):
        commands = replace(body.commands, abort=body.commands.abort + "!")
        yield _changed(
            scene, SOMEBODY, "annotates abort on", Kind.FLOW, flow._replace(body=body._replace(commands=commands))
        )


def _approve(scene: Scene) -> Iterator[Change]:
    for flow, body, _ in _flows(scene):
        for approval in approvals_of(body):
            if body.commands.approve != approval:
                after = flow._replace(body=body._replace(commands=replace(body.commands, approve=approval)))
                known = with_approval(scene, flow, approval)
                yield _changed(known, SOMEBODY, f"approves {approval} of", Kind.FLOW, after)


def _delete(kind: Kind) -> Callable[[Scene], Iterator[Change]]:
    def moves(scene: Scene) -> Iterator[Change]:
        for thing in scene.shelf(kind).things:
            if not thing.deleting:
                answer = api.deleted(scene.store[kind], thing.name, thing.uid, 0)
                assert isinstance(answer, int)
                yield Change(SOMEBODY, f"deletes {kind.name.lower()} {thing.name}", scene.with_shelf(kind, answer))

    return moves


def _delete_job_with_pods(scene: Scene) -> Iterator[Change]:
    """Delete a Job in the foreground, as its time to live does: its pods are stopped first."""
    for job in scene.shelf(Kind.JOB).things:
        if not job.deleting:
            answer = api.deleted(scene.store[Kind.JOB], job.name, job.uid, 0, FOREGROUND)
            assert isinstance(answer, int)
            yield Change(SOMEBODY, f"deletes, pods first, job {job.name}", scene.with_shelf(Kind.JOB, answer))


def _orphan_job(scene: Scene) -> Iterator[Change]:
    """Delete a Job with --cascade=orphan: its pods stay, and belong to nobody."""
    for job in scene.shelf(Kind.JOB).things:
        if not job.deleting:
            after = scene
            for pod in scene.shelf(Kind.POD).things:
                if pod.owner == job.uid:
                    after = _changed(after, "", "", Kind.POD, pod._replace(owner="")).after
            answer = api.deleted(after.store[Kind.JOB], job.name, job.uid, 0)
            assert isinstance(answer, int)
            yield Change(SOMEBODY, f"orphans the pods of job {job.name}", after.with_shelf(Kind.JOB, answer))


def _take_out_of_line(scene: Scene) -> Iterator[Change]:
    """Take the label off a run, or write another, by which others who wait for the same lock find it."""
    for run in scene.shelf(Kind.RUN).things:
        assert isinstance(run.body, RunBody)
        if run.body.in_line:
            after = run._replace(body=run.body._replace(in_line=False))
            yield _changed(scene, SOMEBODY, "takes out of line", Kind.RUN, after)


def _strip_job(scene: Scene) -> Iterator[Change]:
    """Take all finalizers off a Job that is being deleted."""
    for job in scene.shelf(Kind.JOB).things:
        if job.deleting:
            yield _changed(scene, SOMEBODY, "strips", Kind.JOB, job._replace(keepers=()))


def _strip_pod(scene: Scene) -> Iterator[Change]:
    """Take our finalizer off a pod that has ended: nobody can read any more how."""
    for pod in scene.shelf(Kind.POD).things:
        if isinstance(pod.body, PodBody) and not pod.body.alive and pod.held:
            keepers = tuple(keeper for keeper in pod.keepers if keeper != OURS)
            yield _changed(scene, SOMEBODY, "strips", Kind.POD, pod._replace(keepers=keepers))


def _suspend_job(scene: Scene) -> Iterator[Change]:
    for job in scene.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and not body.suspended and not body.ended and not job.deleting:
            after = job._replace(body=body._replace(suspended=True, edited=True))
            yield _changed(scene, SOMEBODY, "suspends", Kind.JOB, after)


def _resume_job(scene: Scene) -> Iterator[Change]:
    for job in scene.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and body.suspended and body.edited and not body.ended and not job.deleting:
            after = job._replace(body=body._replace(suspended=False, edited=True))
            yield _changed(scene, SOMEBODY, "resumes", Kind.JOB, after)


def _forge(scene: Scene) -> Iterator[Change]:
    """Write Complete into the status of a Job that has not ended."""
    for job in scene.shelf(Kind.JOB).things:
        body = job.body
        if isinstance(body, JobBody) and not body.ended:
            started = GHOSTS[scene.ghost].clock if body.started is None else body.started
            forged = job._replace(body=body._replace(complete=True, started=started))
            yield _changed(scene, SOMEBODY, "forges the end of", Kind.JOB, forged)


def _set_image(scene: Scene) -> Iterator[Change]:
    """Put an image into a target past the operator."""
    for target in scene.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        for image in (image for image in interning.IMAGES[:2] if image != body.image):
            after = body._replace(images=((ONLY, image),), rollout=Rollout.UNOBSERVED)
            yield _changed(scene, SOMEBODY, f"sets {image} in", Kind.TARGET, target._replace(body=after))


def _touch(scene: Scene) -> Iterator[Change]:
    """Write something that does not matter to a target: its version moves."""
    for target in scene.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        after = body._replace(scale=body.scale + 1, rollout=Rollout.UNOBSERVED)
        yield _changed(scene, SOMEBODY, "scales", Kind.TARGET, target._replace(body=after))


def _drop_fence(scene: Scene) -> Iterator[Change]:
    """Apply a manifest that knows no annotations of ours."""
    for target in scene.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        if body.managed:
            after = body._replace(fence=ABSENT, managed=False, rollout=Rollout.UNOBSERVED)
            yield _changed(scene, SOMEBODY, "drops the fence of", Kind.TARGET, target._replace(body=after))


def _replace_target(scene: Scene) -> Iterator[Change]:
    """Delete a target, and make one of the same name and image."""
    for target in scene.shelf(Kind.TARGET).things:
        body = target.body
        assert isinstance(body, TargetBody)
        uid, ghost = GHOSTS[scene.ghost].born(target.name)
        fresh = Thing(target.name, uid, 1, TargetBody(body.images, Rollout.COMPLETE, ABSENT))
        shelf = api.created(api.removed(scene.store[Kind.TARGET], target.name), fresh)
        assert isinstance(shelf, int)
        yield Change(SOMEBODY, f"replaces target {target.name}", scene.with_ghost(ghost).with_shelf(Kind.TARGET, shelf))


def _wipe_status(scene: Scene) -> Iterator[Change]:
    """Restore a run as backups of a cluster do: without its status."""
    for run in scene.shelf(Kind.RUN).things:
        assert isinstance(run.body, RunBody)
        empty = interning.RUN_STATUSES.number(MigrationRunStatus())
        if run.body.status != empty:
            yield _changed(
                scene, SOMEBODY, "wipes the status of", Kind.RUN, run._replace(body=run.body._replace(status=empty))
            )


def _vanish_pod(phase: PodPhase) -> Callable[[Scene], Iterator[Change]]:
    """Remove a pod by force, with all that keeps it: its containers are over, and its Job never counts it."""

    def moves(scene: Scene) -> Iterator[Change]:
        for pod in scene.shelf(Kind.POD).things:
            body = pod.body
            assert isinstance(body, PodBody)
            if body.phase is phase:
                shelf = api.removed(scene.store[Kind.POD], pod.name)
                yield Change(SOMEBODY, f"removes pod {pod.name} by force", scene.with_shelf(Kind.POD, shelf))

    return moves


def _tick(scene: Scene) -> Iterator[Change]:
    ghost = GHOSTS[scene.ghost]
    yield Change("the clock", "jumps by twelve hours", scene.with_ghost(ghost._replace(clock=ghost.clock + 1)))


TROUBLES: dict[str, Callable[[Scene], Iterator[Change]]] = {
    "edit image": _edit_image,
    "put off": _put_off,
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
    "delete job and pods": _delete_job_with_pods,
    "orphan job": _orphan_job,
    "take out of line": _take_out_of_line,
    "strip job": _strip_job,
    "strip pod": _strip_pod,
    "suspend job": _suspend_job,
    "resume job": _resume_job,
    "forge": _forge,
    "set image": _set_image,
    "touch": _touch,
    "drop fence": _drop_fence,
    "replace target": _replace_target,
    "wipe status": _wipe_status,
    "vanish pod": _vanish_pod(PodPhase.PENDING),
    "vanish running pod": _vanish_pod(PodPhase.RUNNING),
    "tick": _tick,
}
"""What people do; what networks, operators and pods do to each other stands where it happens."""


@cache
def changes(scene: Scene, trouble: str) -> tuple[Change, ...]:
    """Return every way in which people may bring one kind of trouble."""
    return tuple(change._replace(trouble=trouble) for change in TROUBLES[trouble](scene))


def _flows(scene: Scene) -> Iterator[tuple[Thing, FlowBody, ReleaseFlowSpec]]:
    for flow in scene.shelf(Kind.FLOW).things:
        assert isinstance(flow.body, FlowBody)
        yield flow, flow.body, interning.FLOW_SPECS[flow.body.spec]


def _edited(scene: Scene, flow: Thing, body: FlowBody, spec: ReleaseFlowSpec, what: str, **facts: object) -> Change:
    number = interning.FLOW_SPECS.number(spec.model_copy(update=facts))
    after = flow._replace(body=body._replace(spec=number, generation=body.generation + 1))
    return _changed(scene, SOMEBODY, what, Kind.FLOW, after)


def _changed(scene: Scene, who: str, what: str, kind: Kind, after: Thing) -> Change:
    answer = api.updated(scene.store[kind], after.name, after.uid, 0, after)
    assert isinstance(answer, int)
    return Change(who, f"{what} {kind.name.lower()} {after.name}", scene.with_shelf(kind, answer))

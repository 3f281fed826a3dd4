"""What a change makes of an object in the model: the object as the API server should keep it."""

from collections.abc import Callable
from dataclasses import replace

from releaseflow.core.flow.actions import FenceTarget, SetImage
from releaseflow.core.flow.facts import Fence
from tests.conformance.language import Change
from tests.model import interning, writes
from tests.model.objects import ONLY, OURS, FlowBody, JobBody, LockBody, RunBody, StoredObject, TargetBody
from tests.support import builders


def written(before: StoredObject, change: Change, run_uid: str) -> StoredObject:
    """Return an object after a change, by the rules of the explorer where it has its own for such a write."""
    after = CHANGES[change](before)
    return after._replace(owner=run_uid) if change is Change.OWN else after


def _kept(before: StoredObject) -> StoredObject:
    return before._replace(finalizers=tuple(dict.fromkeys((*before.finalizers, OURS))))


def _touched(before: StoredObject) -> StoredObject:
    body = before.body
    match body:
        case FlowBody():
            commands = replace(body.commands, reconcile=body.commands.reconcile + "!")
            return before._replace(body=body._replace(commands=commands))
        case RunBody():
            return before._replace(body=body._replace(created=body.created + 1))
        case LockBody():
            return before._replace(body=body._replace(identity=body.identity + "!"))
        case JobBody():
            return before._replace(body=body._replace(template_hash=body.template_hash + "!"))
        case TargetBody():
            return before._replace(body=body._replace(scale=body.scale + 1))
        case _:
            raise AssertionError("nothing of a pod may be touched that does not matter")


def _taken(before: StoredObject) -> StoredObject:
    assert isinstance(before.body, LockBody)
    return before._replace(body=before.body._replace(holder_uid="another"))


def _reported(before: StoredObject) -> StoredObject:
    body = before.body
    assert isinstance(body, FlowBody)
    status = interning.FLOW_STATUSES[body.status]
    number = interning.FLOW_STATUSES.number(status.model_copy(update={"sequence": status.sequence + 1}))
    return before._replace(body=body._replace(status=number))


def _switched(before: StoredObject, *, suspended: bool) -> StoredObject:
    """Return a Job as the explorer's operators and people write it."""
    assert isinstance(before.body, JobBody)
    return before._replace(body=before.body._replace(suspended=suspended, edited=True))


def _fenced(before: StoredObject) -> StoredObject:
    return _moved(before, FenceTarget("Deployment", before.name, before.uid, "", Fence("shop", "flow-uid", 1)))


def _promoted(before: StoredObject, restart_for: int) -> StoredObject:
    return _moved(before, SetImage("Deployment", before.name, before.uid, "", ((ONLY, builders.NEW),), restart_for))


def _moved(before: StoredObject, action: FenceTarget | SetImage) -> StoredObject:
    """Return a target as the explorer's operators write it."""
    assert isinstance(before.body, TargetBody)
    return before._replace(body=writes.moved(before.body, action))


CHANGES: dict[Change, Callable[[StoredObject], StoredObject]] = {
    Change.TAKE: _taken,
    Change.REPORT: _reported,
    Change.REPORT_SAME: lambda before: before,
    Change.KEEP: _kept,
    Change.LET_GO: writes.without_finalizer,
    Change.OWN: writes.disowned,
    Change.SUSPEND: lambda before: _switched(before, suspended=True),
    Change.RESUME: lambda before: _switched(before, suspended=False),
    Change.FENCE: _fenced,
    Change.IMAGE: lambda before: _promoted(before, 0),
    Change.RESTART: lambda before: _promoted(before, 1),
    Change.TOUCH: _touched,
    Change.NOTHING: lambda before: before,
}

"""Mode Gate: what admission does with a target, and the promise about the images that the operator lets through."""

from tests.model import hooks, interning
from tests.model.approvals import broken_by_an_unapproved_promotion
from tests.model.objects import TargetBody
from tests.model.readiness import good_images
from tests.model.state import GHOSTS, ClusterState, Write


def admitted(before: TargetBody, after: TargetBody) -> TargetBody:
    """Return what admission makes of a write to a target by anybody but the operator."""
    changed = (before.images, before.init_images) != (after.images, after.init_images)
    return after._replace(held=True) if after.gated_by and changed else after


def broken_by_resuming(cluster: ClusterState, write: Write) -> str:
    """Return the promise that a write breaks by which a held target makes pods of its template."""
    if write.by != "ResumeTarget":
        return ""
    assert write.after is not None
    body = write.after.body
    assert isinstance(body, TargetBody)
    if body.served == body.images:
        return ""
    if body.image not in good_images(cluster) | {interning.FIRST_IMAGE}:
        return f"I1 {body.image} serves before its migration is known to be done"
    truths = GHOSTS[cluster.ghost].truths
    if any(truth.sequence > write.sequence and truth.starts and truth.flow_uid == body.owner for truth in truths):
        return "I4 a target was resumed after the migration of a newer release had begun"
    early = hooks.broken_by_a_promotion(cluster, write, body.owner)
    return early or broken_by_an_unapproved_promotion(cluster, body.owner, body.image)

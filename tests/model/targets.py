"""What must never happen to a flow with several targets: in sequence, in parallel, and where they go back."""

from releaseflow.api.v1alpha1.promotion import Mode, OnRolloutFailure, PromotionOrder
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import FlowBody, Kind, TargetBody
from tests.model.state import ClusterState, Write


def broken_by_an_early_move(cluster: ClusterState, write: Write) -> str:
    """Return the promise that is broken by moving a target before the one before it runs the image."""
    body = None if write.after is None else write.after.body
    if write.by not in {"SetImage", "ResumeTarget"} or not isinstance(body, TargetBody):
        return ""
    flow = cluster.shelf(Kind.FLOW).by_uid.get(body.owner)
    spec = interning.FLOW_SPECS[flow.body.spec] if flow and isinstance(flow.body, FlowBody) else None
    if spec is None or spec.promotion.order is PromotionOrder.PARALLEL:
        return ""
    names = [target.name for target in spec.targets]
    before = names[: names.index(write.name)] if write.name in names else []
    gated = spec.mode is Mode.GATE
    late = [n for n in before if (_is_on_its_way if gated else _lacks)(cluster, n, body.image)]
    return f"R20 a target was moved before {late[0]}, which comes first, ran the image" if late else ""


def broken_by_an_early_end(
    cluster: ClusterState, spec: ReleaseFlowSpec, old: ReleaseFlowStatus, new: ReleaseFlowStatus
) -> str:
    """Return the promise that is broken by a release that ends well before all targets run its image."""
    release = new.release
    if (
        len(spec.targets) < _SEVERAL
        or release is None
        or release.outcome is not Outcome.RELEASED
        or old.release == release
    ):
        return ""
    if spec.mode is Mode.PROMOTE:
        well = run_everywhere(cluster, spec, release.image)
    else:
        well = not any(_is_on_its_way(cluster, target.name, release.image) for target in spec.targets)
    return "" if well or spec.mode is Mode.FOLLOW else "R20 a release ended well before all targets ran its image"


def left_by_a_rollback(cluster: ClusterState, flow: FlowBody) -> str:
    """Return the promise that a flow at rest breaks whose image did not come up, and is left in some target."""
    spec, release = interning.FLOW_SPECS[flow.spec], interning.FLOW_STATUSES[flow.status].release
    turns_back = spec.promotion.on_rollout_failure is OnRolloutFailure.ROLLBACK
    if len(spec.targets) < _SEVERAL or release is None or not turns_back:
        return ""
    over = release.outcome is Outcome.ROLLED_BACK or release.outcome_reason is Reason.ROLLOUT_FAILED
    left = [target.name for target in spec.targets if _has(cluster, target.name, release.image)]
    return f"R21 a release was rolled back, and {left[0]} still has its image" if over and left else ""


def run_everywhere(cluster: ClusterState, spec: ReleaseFlowSpec, image: str) -> bool:
    """Whether all targets of a flow run an image."""
    return all(_runs(cluster, target.name, image) for target in spec.targets)


def _runs(cluster: ClusterState, name: str, image: str) -> bool:
    found = cluster.shelf(Kind.TARGET).by_name.get(name)
    body = None if found is None else found.body
    return (
        _has(cluster, name, image)
        and isinstance(body, TargetBody)
        and body.rollout is Rollout.COMPLETE
        and not body.held
    )


def _is_on_its_way(cluster: ClusterState, name: str, image: str) -> bool:
    """Whether a target that was let go on with an image does not run it yet; one may ask for another meanwhile."""
    body = cluster.shelf(Kind.TARGET).by_name[name].body if name in cluster.shelf(Kind.TARGET).by_name else None
    going = isinstance(body, TargetBody) and not body.held and body.rollout is not Rollout.COMPLETE
    return going and _has(cluster, name, image)


def _lacks(cluster: ClusterState, name: str, image: str) -> bool:
    return not _runs(cluster, name, image)


def _has(cluster: ClusterState, name: str, image: str) -> bool:
    found = cluster.shelf(Kind.TARGET).by_name.get(name)
    return found is not None and isinstance(found.body, TargetBody) and found.body.image == image


_SEVERAL = 2

"""What hooks really did, and the promises that nothing goes on past one that has not ended as it must."""

from collections.abc import Iterable

from releaseflow.api.v1alpha1.hooks import Hook, OnHookFailure
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.names import run_name
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import FlowBody, JobBody, Kind, PodBody, TargetBody
from tests.model.pod_outcomes import fate_of
from tests.model.state import GHOSTS, ClusterState, Write

BEGUN, WELL, BADLY = "begun", "well", "badly"
"""How far a hook has come."""


def broken_by_a_hook(cluster: ClusterState, pod: PodBody) -> str:
    """Return the promise that the start of a hook's container breaks."""
    again = GHOSTS[cluster.ghost].hook(_run_of(pod), pod.hook)
    return f"R17 hook {pod.hook} of {_run_of(pod)} ran twice" if again else ""


def with_hook(cluster: ClusterState, pod: PodBody, state: str) -> ClusterState:
    """Return the scene in which a hook has come so far."""
    return cluster.with_ghost(GHOSTS[cluster.ghost].with_hook(_run_of(pod), pod.hook, state))


def with_end_of_hook(cluster: ClusterState, pod: PodBody) -> ClusterState:
    """Return the scene in which a hook has ended."""
    fate = fate_of(pod)
    return with_hook(cluster, pod, WELL if fate is not None and fate.well else BADLY)


def broken_by_a_backup(cluster: ClusterState, job: JobBody) -> str:
    """Return the promise that the Job of a backup breaks: the hooks before a migration end before it."""
    run = cluster.shelf(Kind.RUN).by_uid.get(job.run_uid)
    if run is None or _are_done(cluster, run.name, interning.run_read(run).spec.hooks):
        return ""
    return "R18 a backup was begun before the hooks of its run had ended"


def broken_by_a_promotion(cluster: ClusterState, write: Write, flow_uid: str) -> str:
    """Return the promise that a promotion breaks: the hooks before it have ended well, or may fail."""
    flow = cluster.shelf(Kind.FLOW).by_uid.get(flow_uid)
    if flow is None or not isinstance(flow.body, FlowBody):
        return ""
    hooks = interning.FLOW_SPECS[flow.body.spec].hooks.before_promotion
    run = run_name(flow.name, flow.uid, write.sequence, RunRole.BEFORE_PROMOTION)
    return "" if _are_done(cluster, run, hooks) else "R18 an image was promoted before the hooks of beforePromotion"


def broken_by_a_release(cluster: ClusterState, name: str, status: ReleaseFlowStatus) -> str:
    """Return the promise that a release breaks which is called released: the hooks after its rollout ended well."""
    release, flow = status.release, cluster.shelf(Kind.FLOW).by_name[name]
    if release is None or release.outcome is not Outcome.RELEASED or not isinstance(flow.body, FlowBody):
        return ""
    hooks = interning.FLOW_SPECS[flow.body.spec].hooks.after_rollout
    run = run_name(flow.name, flow.uid, release.sequence, RunRole.AFTER_ROLLOUT)
    return "" if _are_done(cluster, run, hooks) else "R18 a release ended well before the hooks of afterRollout"


def broken_by_a_contract(cluster: ClusterState, write: Write) -> str:
    """Return the promise that a contract breaks which begins while a target is not rolled out."""
    if write.by != "CreateContractRun" or write.after is None:
        return ""
    image = interning.run_read(write.after).spec.image
    targets = [target.body for target in cluster.shelf(Kind.TARGET).things if isinstance(target.body, TargetBody)]
    owned = [body for body in targets if body.owner == write.after.owner]
    done = all(body.image == image and body.rollout is Rollout.COMPLETE for body in owned)
    return "" if done else "R19 a contract began while a target was not rolled out"


def _are_done(cluster: ClusterState, run: str, hooks: Iterable[Hook]) -> bool:
    states = {hook.name: GHOSTS[cluster.ghost].hook(run, hook.name) for hook in hooks}
    allowed = {hook.name for hook in hooks if hook.on_failure is OnHookFailure.CONTINUE}
    return all(state == WELL or (state == BADLY and name in allowed) for name, state in states.items())


def _run_of(pod: PodBody) -> str:
    """Return the name of a pod's run: one that is made again has the same."""
    return pod.run_uid.rpartition("#")[0]

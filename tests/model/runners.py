"""The workload that a migration is executed in: which it is, and the promise that it has the new image first."""

from releaseflow.core.facts import Absent
from releaseflow.workloads.workload import Rollout
from tests.model import interning
from tests.model.objects import FlowBody, Kind, RunBody, TargetBody
from tests.model.state import ClusterState, Write


def is_runner(cluster: ClusterState, name: str) -> bool:
    """Whether the commands of a flow's migrations are executed in a workload."""
    flows = (flow.body for flow in cluster.shelf(Kind.FLOW).things)
    specs = (interning.FLOW_SPECS[flow.spec] for flow in flows if isinstance(flow, FlowBody))
    return any(name == where.workload_ref.name for spec in specs if (where := spec.migration.running_container))


def is_executed(cluster: ClusterState, run_uid: str) -> bool:
    """Whether the commands of a run are executed in another workload."""
    run = cluster.shelf(Kind.RUN).by_uid.get(run_uid)
    return run is not None and interning.run_read(run).spec.migration.running_container is not None


def broken_by_an_early_run(cluster: ClusterState, write: Write) -> str:
    """Return the promise that the creation of a run breaks."""
    assert write.after is not None
    body = write.after.body
    assert isinstance(body, RunBody)
    spec = interning.RUN_SPECS[body.spec]
    if spec.migration.running_container is None:
        return ""
    found = cluster.shelf(Kind.TARGET).by_name.get(spec.migration.running_container.workload_ref.name)
    if found is None or not isinstance(found.body, TargetBody) or isinstance(found.body.fence, Absent):
        return "R17 a run was created before the workload that it is executed in was fenced"
    if (found.body.image, found.body.rollout) != (spec.image, Rollout.COMPLETE):
        return "R17 a run was created before the workload that it is executed in ran its image"
    return ""

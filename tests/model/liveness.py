"""From every state, once nothing goes wrong any more: everything comes to rest, and the status explains where."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.core.conditions import READY, RECONCILING, condition
from releaseflow.workloads.workload import Rollout
from tests.model import controllers, interning
from tests.model.approvals import held_by_a_waiting_run
from tests.model.objects import FlowBody, Kind, StoredObject, TargetBody
from tests.model.operators import arrived, intents
from tests.model.state import GHOSTS, ClusterState
from tests.model.targets import left_by_a_rollback, run_everywhere

MOST_STEPS = 24
"""Steps to rest for each flow: an operator that goes as far as it can, or every controller once."""
MOST_WRITES = 40
"""Writes of one operator in a row; more is a loop."""
FOR_A_PERSON = {Reason.SUSPENDED, Reason.AWAITING_APPROVAL, Reason.TARGET_NOT_FOUND}
"""Reasons to wait in which only a person can do something."""


class Rests:
    """How far each scene is from rest; known once for each."""

    def __init__(self, flows: int, more: int = 0) -> None:
        self._most_steps = (MOST_STEPS + more) * flows
        self._known: dict[ClusterState, tuple[int, str]] = {}
        self._plain: dict[ClusterState, tuple[int, str]] = {}
        self.most = 0

    def trouble_from(self, cluster: ClusterState) -> str:
        """Return what is wrong where a scene comes to rest, or that it does not; empty where all is well."""
        known = self._plain.get(cluster)
        if known is None:
            ghost = GHOSTS[cluster.ghost]
            known = self._plain[cluster] = self._from(cluster.with_ghost(ghost._replace(spent=())))
            self.most = max(self.most, known[0])
        return known[1]

    def _from(self, cluster: ClusterState) -> tuple[int, str]:
        trail: list[ClusterState] = []
        while cluster not in self._known:
            after = _step(cluster)
            if not isinstance(after, ClusterState):
                self._known[cluster] = (0, _unexplained(cluster) if after is None else after)
                break
            trail.append(cluster)
            if len(trail) > _LONGEST:
                return len(trail), f"R0 no rest after {len(trail)} steps"
            cluster = after
        steps, trouble = self._known[cluster]
        for past in reversed(trail):
            steps += 1
            self._known[past] = (steps, trouble or (f"R0 {steps} steps to rest" if steps > self._most_steps else ""))
        return self._known[trail[0]] if trail else (steps, trouble)


def _step(cluster: ClusterState) -> ClusterState | str | None:
    """Let the operator go as far as it can, or every controller once, or time pass; None at rest."""
    after = _operator_goes_on(cluster)
    if isinstance(after, str) or after != cluster:
        return after
    after = _controllers_once(cluster)
    if after != cluster:
        return after
    ghost = GHOSTS[cluster.ghost]
    if ghost.clock < _LATEST and any(intent.waits for intent in intents(cluster, cluster.store)):
        return cluster.with_ghost(ghost._replace(clock=ghost.clock + 1))
    return None


def _operator_goes_on(cluster: ClusterState) -> ClusterState | str:
    for _ in range(MOST_WRITES):
        writes = (intent.write for intent in intents(cluster, cluster.store) if intent.write is not None)
        change = next((done for write in writes if (done := arrived(cluster, write)) is not None), None)
        if change is None:
            return cluster
        if change.broken:
            return change.broken
        cluster = change.after
    return "R0 the operator writes for ever"


def _controllers_once(cluster: ClusterState) -> ClusterState:
    """Let every controller do one thing to each object."""
    done: set[str] = set()
    for _ in range(_MOST_THINGS):
        changes = (change for change in controllers.changes(cluster) if not change.trouble)
        change = next((change for change in changes if change.what.split()[-1] not in done), None)
        if change is None:
            break
        done.add(change.what.split()[-1])
        cluster = change.after
    return cluster


def _unexplained(cluster: ClusterState) -> str:
    """Return what a flow at rest does not explain; empty where its status says how it stands."""
    for flow in cluster.shelf(Kind.FLOW).things:
        body = flow.body
        assert isinstance(body, FlowBody)
        conditions = interning.FLOW_STATUSES[body.status].conditions
        ready, going = condition(conditions, READY), condition(conditions, RECONCILING)
        if flow.deleting:
            continue
        if ready is None:
            return f"R0 flow {flow.name} rests, and says nothing"
        if ready.status.value == "True" and not _is_released(cluster, flow, body):
            return f"R0 flow {flow.name} is Ready, and is not"
        if going is not None and not _waits_for_a_person(cluster, ready.reason):
            return f"R0 flow {flow.name} rests while it says {ready.reason.value}: {ready.message}"
        left = left_by_a_rollback(cluster, body)
        if left:
            return left
    return held_by_a_waiting_run(cluster)


def _waits_for_a_person(cluster: ClusterState, reason: Reason) -> bool:
    """Whether only a person can do something: for this flow, or for the one whose run holds the lock."""
    if reason is not Reason.LOCK_HELD:
        return reason in FOR_A_PERSON
    bodies = (flow.body for flow in cluster.shelf(Kind.FLOW).things)
    known = (interning.FLOW_STATUSES[body.status].conditions for body in bodies if isinstance(body, FlowBody))
    found = (condition(conditions, READY) for conditions in known)
    return any(ready is not None and ready.reason in FOR_A_PERSON for ready in found)


def _is_released(cluster: ClusterState, flow: StoredObject, body: FlowBody) -> bool:
    spec = interning.FLOW_SPECS[body.spec]
    release = interning.FLOW_STATUSES[body.status].release
    target = cluster.shelf(Kind.TARGET).by_name.get(flow.name)
    if spec.image is not None and len(spec.targets) > 1:
        return run_everywhere(cluster, spec, spec.image)
    if not spec.targets or spec.image is None:
        wanted = target.body.image if spec.targets and target and isinstance(target.body, TargetBody) else spec.image
        if target is not None and isinstance(target.body, TargetBody) and target.body.held:
            return False
        return release is not None and (release.image, release.outcome) == (wanted, Outcome.RELEASED)
    if target is None or not isinstance(target.body, TargetBody):
        return False
    return target.body.image == spec.image and target.body.rollout is Rollout.COMPLETE


_LATEST = 8
_LONGEST = 80
_MOST_THINGS = 30

"""A scenario: where an exploration begins, and how much trouble it allows."""

from dataclasses import dataclass
from typing import Any

from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.facts import Commands
from releaseflow.core.run.facts import DatabaseState
from releaseflow.engines.registry import DEFAULT_ENGINE
from releaseflow.workloads.workload import Rollout
from tests.model import interning, way_down
from tests.model.objects import ONLY, FlowBody, Kind, LockBody, StoredObject, TargetBody, shelved
from tests.model.state import GHOSTS, ClusterState, Ghost, State
from tests.support import builders


@dataclass(frozen=True)
class Scenario:
    """A first state, and what may happen."""

    name: str
    why: str
    troubles: tuple[tuple[str, int], ...]
    """How often each kind of trouble may happen."""
    at_most: int
    """How much trouble there may be in all."""
    operators: int = 1
    flows: int = 1
    databases: int = 1
    engine: str = DEFAULT_ENGINE
    """How many databases the flows share among them."""
    had_tables: bool = False
    """Whether the databases' locks remember tables."""
    has_targets: bool = True
    """Whether each flow has a target; without one it only migrates."""
    has_worker: bool = False
    """Whether each flow has a second target, `shop-worker` for `shop`."""
    has_runner: bool = False
    """Whether each flow's migrations are executed in a workload of their own, `shop-console` for `shop`."""
    is_held: bool = False
    """Whether admission holds the targets in the beginning, as at a first install: they have no pods."""
    spec: tuple[tuple[str, Any], ...] = ()
    """Fields of each flow's spec, named as in YAML."""
    goes_down: bool = False
    """Whether a run by hand undoes what an earlier one did, beside the flows."""
    quick: bool = False
    """Whether `make test` explores it."""
    late_at_once: int = 1
    """How many writes may be on their way unawaited."""
    more_steps: int = 0
    """Steps to rest for each flow, beyond the usual."""

    def begin(self) -> State:
        """Return the first state: Deployments that run the old image, flows that want the new one, nothing done."""
        names = ("shop", "mart", "club")[: self.flows]
        flows = [self._flow(number, name) for number, name in enumerate(names)]
        first = ((ONLY, interning.FIRST_IMAGE),)
        target = TargetBody(first, Rollout.COMPLETE, ABSENT)
        beside = [*(["worker"] if self.has_worker else []), *(["console"] if self.has_runner else [])]
        workloads = [*names, *(f"{name}-{what}" for name in names for what in beside)]
        gated = dict(self.spec).get("mode") == Mode.GATE
        served = () if self.is_held else first
        own = {
            target_name: target._replace(gated_by=name, held=self.is_held, served=served) if gated else target
            for name in names
            for target_name in self._targets_of(name)
        }
        targets = [StoredObject(name, f"{name}-target-uid", 1, own.get(name, target)) for name in workloads]
        locks = [_remembering(number) for number in range(self.databases)] if self.had_tables else []
        runs = list(way_down.runs()) if self.goes_down else []
        shelves: dict[Kind, list[StoredObject]] = {
            Kind.FLOW: flows,
            Kind.RUN: runs,
            Kind.TARGET: targets,
            Kind.LEASE: locks,
        }
        store = tuple(shelved(tuple(sorted(shelves.get(kind, [])))) for kind in Kind)
        return State(ClusterState(store, GHOSTS.number(Ghost(orderly=self.operators == 1))), (store,) * self.operators)

    def _targets_of(self, flow: str) -> tuple[str, ...]:
        return (flow, f"{flow}-worker") if self.has_worker else (flow,)

    def _flow(self, number: int, name: str) -> StoredObject:
        database = {"engine": self.engine, "urlSecretRef": {"name": f"db{number % self.databases}", "key": "url"}}
        targets = [{"name": target} for target in self._targets_of(name)] if self.has_targets else ABSENT
        where = {"workloadRef": {"name": f"{name}-console"}}
        way = {"migration": builders.executed(runningContainer=where)} if self.has_runner else {}
        spec = builders.flow_spec(**dict(self.spec), **way, targets=targets, database=database)
        status = interning.FLOW_STATUSES.number(ReleaseFlowStatus())
        body = FlowBody(interning.FLOW_SPECS.number(spec), status, 1, Commands())
        return StoredObject(name, f"{name}-uid", 1, body)


def _remembering(database: int) -> StoredObject:
    """Return the free lock of a database that was released before."""
    key = f"db{database}/url"
    return StoredObject(key, f"{key}-uid", 1, LockBody("", "", DatabaseState.CLEAN, had_tables=True))


def once(*troubles: str) -> tuple[tuple[str, int], ...]:
    """Allow each kind of trouble once."""
    return tuple((trouble, 1) for trouble in troubles)

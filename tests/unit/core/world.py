"""A small world in which decisions have their effect: both reconcilers play whole stories in it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Release
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.decision import Act, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts
from releaseflow.core.flow import decide as flow_core
from releaseflow.core.run import decide as run_core
from releaseflow.core.run.actions import (
    StartMigration,
)
from tests.unit.core.apply import Acting
from tests.unit.core.messages import heard
from tests.unit.core.objects import FlowThing, PodThing, RunThing

LONGEST_STORY = 2000

__all__ = ["PodThing", "RunThing", "World"]


@dataclass
class World(Acting):
    """A world, and the loop that brings it to rest."""

    @property
    def flow(self) -> FlowThing:
        """The only flow, or the first one."""
        return next(iter(self.flows.values()))

    @property
    def release(self) -> Release:
        """The newest release of the flow."""
        assert self.flow.status.release is not None
        return self.flow.status.release

    @property
    def run(self) -> RunThing:
        """The run of the newest release."""
        return self.runs[self.release.run]

    def job(self, step: StepType) -> JobFacts:
        """Return the newest Job of a step."""
        return [job for name, job in self.jobs.values() if name is step][-1]

    def pod(self, step: StepType) -> PodFacts:
        """Return the newest pod of a step."""
        return [thing.seen for thing in self.pods.values() if thing.seen.step is step][-1]

    def image(self, name: str = "shop") -> str:
        """Return the image of a target."""
        return self.targets[name].images[0][1]

    def ready(self, name: str = "shop") -> tuple[str, Reason]:
        """Return status and reason of a flow's Ready condition."""
        found = condition(self.flows[name].status.conditions, READY)
        assert found is not None
        return found.status.value, found.reason

    def gate(self, kind: str) -> tuple[str, Reason]:
        """Return status and reason of one of the flow's conditions."""
        found = condition(self.flow.status.conditions, kind)
        assert found is not None, kind
        return found.status.value, found.reason

    def count(self, kind: type) -> int:
        """Return how many actions of a kind happened."""
        return sum(isinstance(action, kind) for action in self.happened)

    def play(self, until: "Callable[[World], bool]" = lambda _: False) -> "World":
        """Let everything go on until it rests, or until something is the case."""
        for _ in range(LONGEST_STORY):
            if until(self):
                return self
            if not (self.reconcile_once() or self.controllers()):
                self.assert_rest()
                return self
        raise AssertionError(f"no rest: {self.writes[-20:]}")

    def reconcile_once(self) -> bool:
        """Let one reconciler write once; tell whether one did."""
        return any(self._flow_writes(flow) for flow in list(self.flows.values())) or any(
            self._run_writes(run) for run in list(self.runs.values())
        )

    def assert_rest(self) -> None:
        """At rest nothing is asked for, now or an hour later; only a deadline may change that."""
        later = self.now + timedelta(hours=1)
        for flow in self.flows.values():
            saw = self.see_flow(flow)
            decided = flow_core.decide(saw)
            assert (decided.status, decided.action) == (flow.status, ABSENT) or self.is_refused
            assert decided.requeue_after is not None or flow_core.decide(replace(saw, now=later)) == decided
        for run in self.runs.values():
            looked = self.see_run(run)
            ruled = run_core.decide(looked)
            assert (ruled.status, ruled.action) == (run.status, ABSENT) or self.is_refused
            assert ruled.requeue_after is not None or run_core.decide(replace(looked, now=later)) == ruled

    @property
    def is_refused(self) -> bool:
        """Whether the API server refuses what is asked of it."""
        return not isinstance(self.rejection, Absent)

    def _flow_writes(self, flow: FlowThing) -> bool:
        seen = self.see_flow(flow)
        decided = flow_core.decide(seen)
        if decided.status != flow.status or decided.action is not ABSENT:
            self.seen_flows.append(seen)
        return self._follows(flow, decided, lambda action: self._act_for_flow(flow, action))

    def _run_writes(self, run: RunThing) -> bool:
        seen = self.see_run(run)
        decided = run_core.decide(seen)
        if decided.status != run.status or decided.action is not ABSENT:
            self.seen_runs.append(seen)
        return self._follows(run, decided, lambda action: self._act_for_run(run, action))

    def _follows(self, thing: FlowThing | RunThing, decided: Decision[Any, Any], act: Callable[[Any], None]) -> bool:
        """Write the status by way of JSON, or act; tell whether anything was written."""
        heard(decided)
        match next_effect(decided, thing.status, is_held_back=self.is_refused):
            case WriteStatus(status):
                thing.status = type(status).model_validate(status.model_dump(mode="json", by_alias=True))
                assert thing.status == status
                self.writes.append(f"{thing.name}: status")
                return True
            case Act(action):
                self._note(thing.name, action)
                act(action)
                return True
            case Requeue():
                return False

    def _note(self, who: str, action: object) -> None:
        self.writes.append(f"{who}: {type(action).__name__}")
        self.happened.append(action)

    def migrations(self) -> Counter[str]:
        """Return how often each run's migration was started."""
        return Counter(action.name for action in self.happened if isinstance(action, StartMigration))

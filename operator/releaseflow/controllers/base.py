"""The two controllers: how each observes, decides and acts."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.flow.act import act_for_flow
from releaseflow.controllers.flow.observe import FlowObservation, FlowObserver
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.observe import RunObservation, RunObserver
from releaseflow.core.decision import Decision
from releaseflow.core.facts import Absent
from releaseflow.core.flow import decide as flow
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.run import decide as run
from releaseflow.core.run.actions import RunAction

ObservationT = TypeVar("ObservationT", FlowObservation, RunObservation)
StatusT = TypeVar("StatusT", ReleaseFlowStatus, MigrationRunStatus)
ActionT = TypeVar("ActionT", FlowAction, RunAction)


class Controller(Protocol[ObservationT, StatusT, ActionT]):
    """What the reconciler needs of a kind."""

    async def observe(self, reader: Reader, key: ReconcileRequest) -> ObservationT | Unreadable | Absent:
        """Observe everything that the object depends on."""

    def decide(self, observation: ObservationT) -> Decision[StatusT, ActionT]:
        """Decide what to report and what to do."""

    async def act(self, reader: Reader, writer: Writer, observation: ObservationT, action: ActionT) -> None:
        """Do it."""


@dataclass(frozen=True)
class FlowController:
    """Reconciles flows."""

    observer: FlowObserver

    async def observe(self, reader: Reader, key: ReconcileRequest) -> FlowObservation | Unreadable | Absent:
        """Observe a flow, its run and its targets."""
        return await self.observer.observe(reader, key)

    def decide(self, observation: FlowObservation) -> Decision[ReleaseFlowStatus, FlowAction]:
        """Decide by the row of a flow's gates."""
        return flow.decide(observation.facts)

    async def act(self, reader: Reader, writer: Writer, observation: FlowObservation, action: FlowAction) -> None:
        """Fence, create the run, or promote."""
        await act_for_flow(reader, writer, observation.parsed, action)


@dataclass(frozen=True)
class RunController:
    """Reconciles runs."""

    observer: RunObserver
    executor: RunExecutor

    async def observe(self, reader: Reader, key: ReconcileRequest) -> RunObservation | Unreadable | Absent:
        """Observe a run, its lock and its Jobs."""
        return await self.observer.observe(reader, key)

    def decide(self, observation: RunObservation) -> Decision[MigrationRunStatus, RunAction]:
        """Decide by the row of a run's gates."""
        return run.decide(observation.facts)

    async def act(self, reader: Reader, writer: Writer, observation: RunObservation, action: RunAction) -> None:
        """Lock, create Jobs, start the migration, or clean up."""
        await self.executor.act(reader, writer, observation.parsed, action)

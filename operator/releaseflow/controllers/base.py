"""The two kinds of things that are reconciled, each with its own eyes, decisions and hands."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowStatus
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.flow.act import act_for_flow
from releaseflow.controllers.flow.observe import FlowLook, FlowObserver
from releaseflow.controllers.parse_objects import Unreadable
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.observe import RunLook, RunObserver
from releaseflow.core.decision import Decision
from releaseflow.core.facts import Absent
from releaseflow.core.flow import decide as flow
from releaseflow.core.flow.actions import FlowAction
from releaseflow.core.run import decide as run
from releaseflow.core.run.actions import RunAction
from releaseflow.kube.resources import Key

LookT = TypeVar("LookT", FlowLook, RunLook)
StatusT = TypeVar("StatusT", ReleaseFlowStatus, MigrationRunStatus)
ActionT = TypeVar("ActionT", FlowAction, RunAction)


class Side(Protocol[LookT, StatusT, ActionT]):
    """What the reconciler needs of a kind."""

    async def look(self, reader: Reader, key: Key) -> LookT | Unreadable | Absent:
        """Look at everything that the object depends on."""

    def decide(self, look: LookT) -> Decision[StatusT, ActionT]:
        """Decide what to report and what to do."""

    async def act(self, reader: Reader, writer: Writer, look: LookT, action: ActionT) -> None:
        """Do it."""


@dataclass(frozen=True)
class FlowSide:
    """Reconciles flows."""

    observer: FlowObserver

    async def look(self, reader: Reader, key: Key) -> FlowLook | Unreadable | Absent:
        """Look at a flow, its run and its targets."""
        return await self.observer.look(reader, key)

    def decide(self, look: FlowLook) -> Decision[ReleaseFlowStatus, FlowAction]:
        """Decide by the row of a flow's gates."""
        return flow.decide(look.seen)

    async def act(self, _reader: Reader, writer: Writer, look: FlowLook, action: FlowAction) -> None:
        """Fence, create the run, or promote."""
        await act_for_flow(writer, look.read, action)


@dataclass(frozen=True)
class RunSide:
    """Reconciles runs."""

    observer: RunObserver
    executor: RunExecutor

    async def look(self, reader: Reader, key: Key) -> RunLook | Unreadable | Absent:
        """Look at a run, its lock and its Jobs."""
        return await self.observer.look(reader, key)

    def decide(self, look: RunLook) -> Decision[MigrationRunStatus, RunAction]:
        """Decide by the row of a run's gates."""
        return run.decide(look.seen)

    async def act(self, reader: Reader, writer: Writer, look: RunLook, action: RunAction) -> None:
        """Lock, create Jobs, start the migration, or clean up."""
        await self.executor.act(reader, writer, look.read, action)

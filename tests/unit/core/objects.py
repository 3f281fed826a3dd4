"""The objects of a scenario by name, as a test reads and writes them: the model holds them."""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from typing_extensions import override

from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.release_flow import ReleaseFlowSpec, ReleaseFlowStatus
from releaseflow.core.facts import PodFacts
from releaseflow.core.flow.facts import Commands
from tests.model import interning
from tests.model.objects import OURS, FlowBody, Kind, RunBody, StoredObject

if TYPE_CHECKING:
    from tests.unit.core.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Collection(MutableMapping[str, T], Generic[T]):
    """All objects of a kind: what a test writes is stored past all preconditions, and what it deletes is gone."""

    store: "Store"
    kind: Kind
    read: Callable[[StoredObject], T]
    write: Callable[[str, T], StoredObject]

    @override
    def __getitem__(self, name: str) -> T:
        return self.read(self.store.cluster.shelf(self.kind).by_name[name])

    @override
    def __setitem__(self, name: str, value: T) -> None:
        self.store.put(self.kind, self.write(name, value))

    @override
    def __delitem__(self, name: str) -> None:
        self.store.remove(self.kind, name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter([thing.name for thing in self.store.in_order(self.kind)])

    @override
    def __len__(self) -> int:
        return len(self.store.cluster.shelf(self.kind).things)


@dataclass
class Object:
    """One object; when it is gone, it is as it was last."""

    store: "Store"
    kind: Kind
    uid: str

    @property
    def thing(self) -> StoredObject:
        """The object as the model holds it, or held it last."""
        return self.store.known[self.uid]

    @property
    def name(self) -> str:
        """Its name."""
        return self.thing.name

    @property
    def deleting(self) -> bool:
        """Whether it is deleted, and kept by a finalizer."""
        return self.thing.deleting

    @deleting.setter
    def deleting(self, value: bool) -> None:
        self.store.put(self.kind, self.thing._replace(deleting=value))


class Flow(Object):
    """A ReleaseFlow."""

    @property
    def body(self) -> FlowBody:
        """What the model holds of it."""
        assert isinstance(self.thing.body, FlowBody)
        return self.thing.body

    @property
    def spec(self) -> ReleaseFlowSpec:
        """Its spec."""
        return interning.FLOW_SPECS[self.body.spec]

    @property
    def generation(self) -> int:
        """Its generation."""
        return self.body.generation

    @property
    def commands(self) -> Commands:
        """Its annotations."""
        return self.body.commands

    @property
    def status(self) -> ReleaseFlowStatus:
        """Its status."""
        return interning.FLOW_STATUSES[self.body.status]

    @status.setter
    def status(self, value: ReleaseFlowStatus) -> None:
        self.store.change(self.kind, self.thing, status=interning.FLOW_STATUSES.number(value))


class Run(Object):
    """A MigrationRun."""

    @property
    def body(self) -> RunBody:
        """What the model holds of it."""
        assert isinstance(self.thing.body, RunBody)
        return self.thing.body

    @property
    def spec(self) -> MigrationRunSpec:
        """Its spec."""
        return interning.RUN_SPECS[self.body.spec]

    @spec.setter
    def spec(self, value: MigrationRunSpec) -> None:
        self.store.change(self.kind, self.thing, spec=interning.RUN_SPECS.number(value))

    @property
    def created(self) -> datetime:
        """When it was created."""
        return interning.time(self.body.created)

    @created.setter
    def created(self, value: datetime) -> None:
        self.store.change(self.kind, self.thing, created=interning.clock(value))

    @property
    def status(self) -> MigrationRunStatus:
        """Its status."""
        return interning.RUN_STATUSES[self.body.status]

    @status.setter
    def status(self, value: MigrationRunStatus) -> None:
        self.store.change(self.kind, self.thing, status=interning.RUN_STATUSES.number(value))

    @property
    def has_finalizer(self) -> bool:
        """Whether our finalizer is on it."""
        return self.thing.held

    @has_finalizer.setter
    def has_finalizer(self, value: bool) -> None:
        self.store.put(self.kind, self.thing._replace(finalizers=(OURS,) if value else ()))


class Pod(Object):
    """A pod."""

    @property
    def seen(self) -> PodFacts:
        """The pod as the core reads it."""
        return self.store.pod_seen(self.thing)

    @seen.setter
    def seen(self, value: PodFacts) -> None:
        self.store.put_pod(value)

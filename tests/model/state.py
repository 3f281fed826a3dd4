"""One state of the explored world: what etcd holds and what is true, what each operator has seen, what is under way."""

from functools import cache
from typing import NamedTuple

from tests.model.objects import SHELVES, Kind, Shelf, StoredObject, Table, shelved

Store = tuple[int, ...]
"""The number of a shelf for each kind."""


class Write(NamedTuple):
    """A write of an operator, with the preconditions that it was sent with."""

    by: str
    """What asked for it, as a reader knows it: the action's name, or status."""
    verb: str
    """create, update or delete."""
    kind: Kind
    name: str
    uid: str = ""
    version: int = 0
    after: StoredObject | None = None
    """The object as it should stand."""
    run_uid: str = ""
    """The run that it is written for; empty for a write of a flow."""
    sequence: int = 0
    """The release that it is written for; 0 where that is the run's."""
    decided: float = 0
    """Of the start of a migration: the time of the decision, in ticks of the clock."""


class Truth(NamedTuple):
    """What really happened to the database for a run, whatever anybody knows of it."""

    run_uid: str
    flow_uid: str
    sequence: int
    image: str
    lock_key: str
    starts: int = 0
    """How often a migration's container was started."""
    migrated: str = ""
    """ok, failed, or empty while nobody can say."""
    changed: bool = False
    """Whether a migration that failed changed the database."""
    backed_up: bool = False
    """Whether its backup was proven, or none was to be taken."""
    emptied: bool = False
    """Whether the backup found no tables where the lock remembers some."""
    nothing_pending: bool = False
    recorded: bool = False
    """Whether an outcome of the run was ever recorded."""


class Ghost(NamedTuple):
    """What no operator can see: the time, how often a name was given, what was done already, and the truth."""

    clock: float = 0
    orderly: bool = True
    """Whether no Job can be made late: one operator, and no write on its way that nobody waits for."""
    births: tuple[tuple[str, int], ...] = ()
    spent: tuple[tuple[str, int], ...] = ()
    """How often each kind of trouble has happened."""
    truths: tuple[Truth, ...] = ()
    accepted: tuple[tuple[str, int], ...] = ()
    """UID of the flow and number of the release for each empty database that a person was told of, and accepted."""

    approved: tuple[tuple[str, str], ...] = ()
    """UID of the flow and value of each approval that a person ever gave."""
    checks: tuple[tuple[str, str], ...] = ()
    """UID of each run that waits for a person, and how far its check has come since it took the lock."""

    hooks: tuple[tuple[tuple[str, str], str], ...] = ()
    """Name of the run and of the hook for each hook that ever began, and how far it has come."""

    def hook(self, run: str, name: str) -> str:
        """Return how far a hook has come; empty for one that never began."""
        return dict(self.hooks).get((run, name), "")

    def with_hook(self, run: str, name: str, state: str) -> "Ghost":
        """Return the ghost in which a hook has come so far."""
        return self._replace(hooks=tuple(sorted({**dict(self.hooks), (run, name): state}.items())))

    def truth(self, run_uid: str) -> Truth | None:
        """Return what happened for a run."""
        return next((truth for truth in self.truths if truth.run_uid == run_uid), None)

    def with_truth(self, truth: Truth) -> "Ghost":
        """Return the ghost with another truth about a run."""
        others = [known for known in self.truths if known.run_uid != truth.run_uid]
        return self._replace(truths=tuple(sorted((*others, truth))))

    def with_accepted(self, flow_uid: str, sequence: int) -> "Ghost":
        """Return the ghost after a person accepted the empty database that stopped a release."""
        return self._replace(accepted=tuple(sorted({*self.accepted, (flow_uid, sequence)})))

    def with_approved(self, flow_uid: str, approval: str) -> "Ghost":
        """Return the ghost after a person approved something."""
        return self._replace(approved=tuple(sorted({*self.approved, (flow_uid, approval)})))

    def check(self, run_uid: str) -> str:
        """Return how far the check of a run has come since it took the lock; empty where it was not asked since."""
        return dict(self.checks).get(run_uid, "")

    def with_check(self, run_uid: str, check: str) -> "Ghost":
        """Return the ghost with another word on the check of a run."""
        return self._replace(checks=tuple(sorted({**dict(self.checks), run_uid: check}.items())))

    def born(self, name: str) -> tuple[str, "Ghost"]:
        """Return a UID that was never given before."""
        counts = dict(self.births)
        counts[name] = counts.get(name, 0) + 1
        return f"{name}#{counts[name]}", self._replace(births=tuple(sorted(counts.items())))

    def after(self, trouble: str) -> "Ghost":
        """Return the ghost after some trouble."""
        counts = dict(self.spent)
        counts[trouble] = counts.get(trouble, 0) + 1
        return self._replace(spent=tuple(sorted(counts.items())))


GHOSTS: Table[Ghost] = Table()


class ClusterState(NamedTuple):
    """What etcd holds, and what is true; operators know of it what their views show."""

    store: Store
    ghost: int

    def shelf(self, kind: Kind) -> Shelf:
        """Return what etcd holds of a kind."""
        return SHELVES[self.store[kind]]

    def with_shelf(self, kind: Kind, shelf: int) -> "ClusterState":
        """Return the scene with another shelf."""
        return ClusterState(exchanged(self.store, kind, shelf), self.ghost)

    def with_ghost(self, ghost: Ghost) -> "ClusterState":
        """Return the scene with another ghost."""
        return ClusterState(self.store, GHOSTS.number(ghost))


class Change(NamedTuple):
    """One thing that may happen next in a scene."""

    who: str
    what: str
    after: ClusterState
    trouble: str = ""
    """What kind of trouble it is; empty for what always may happen."""
    broken: str = ""
    """The promise that it breaks."""


class State(NamedTuple):
    """One state; equal states are one."""

    cluster: ClusterState
    views: tuple[Store, ...]
    """What each operator has seen last of each kind."""
    late: tuple[Write, ...] = ()
    """Writes that were sent, and whose sender no longer waits for an answer."""

    def seen_by(self, operator: int, view: Store) -> "State":
        """Return the world in which an operator has seen this."""
        views = (*self.views[:operator], view, *self.views[operator + 1 :])
        return State(self.cluster, views, self.late)


@cache
def informed(view: Store, store: Store, kind: Kind, names: frozenset[str]) -> Store:
    """Return a view that shows some objects as the store has them: answers of the API server."""
    things = {name: thing for name, thing in SHELVES[view[kind]].by_name.items() if name not in names}
    things |= {name: thing for name, thing in SHELVES[store[kind]].by_name.items() if name in names}
    return exchanged(view, kind, shelved(tuple(sorted(things.values()))))


def exchanged(store: Store, kind: Kind, shelf: int) -> Store:
    """Return a store with another shelf."""
    return (*store[:kind], shelf, *store[kind + 1 :])

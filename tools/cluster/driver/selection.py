"""Which cluster is meant: pure, so that no test and no user can hit a cluster by accident."""

from collections.abc import Callable
from dataclasses import dataclass

from .errors import ClusterError

VARIABLE = "RELEASEFLOW_CLUSTER"
CONTEXT_PREFIX = "context:"


@dataclass(frozen=True)
class ExistingContext:
    """A context of the user's kubeconfig, named explicitly."""

    name: str


@dataclass(frozen=True)
class KindCluster:
    """A cluster of kind, on a Docker engine."""


@dataclass(frozen=True)
class BuiltNode:
    """A node built from Go modules."""


Choice = ExistingContext | KindCluster | BuiltNode


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the choice depends on, asked only where it does.

    Attributes:
        docker_answers: Whether a Docker engine answers.
        kind_exists: Whether the kind cluster was created, and runs or can be started.
        kind_possible: Whether a kind cluster can be created: its program and its image can be had.
        node_runs: Whether the node runs.
        root_on_linux: Whether a node could run.
    """

    docker_answers: Callable[[], bool]
    kind_exists: Callable[[], bool]
    kind_possible: Callable[[], bool]
    node_runs: Callable[[], bool]
    root_on_linux: bool


def choose(wish: str, machine: Machine) -> Choice:
    """The cluster that RELEASEFLOW_CLUSTER asks for; where it says nothing, one that is there or the first that works.

    Raises:
        ClusterError: The wish is not understood, or nothing works here.
    """
    if wish.startswith(CONTEXT_PREFIX) and wish != CONTEXT_PREFIX:
        return ExistingContext(wish.removeprefix(CONTEXT_PREFIX))
    if wish == "kind":
        return KindCluster()
    if wish == "node":
        return node_for(root_on_linux=machine.root_on_linux)
    if wish:
        raise ClusterError(
            f"{VARIABLE}={wish} is not understood; say kind, node, or context:NAME "
            "(kubectl config get-contexts lists the names)"
        )
    return default(machine)


def default(machine: Machine) -> Choice:
    """The cluster where none is named: one that is there, else kind, else the node.

    Raises:
        ClusterError: Nothing works here.
    """
    docker = machine.docker_answers()
    if docker and machine.kind_exists():
        return KindCluster()
    if machine.node_runs():
        return BuiltNode()
    if docker and (machine.kind_possible() or not machine.root_on_linux):
        return KindCluster()
    return node_for(root_on_linux=machine.root_on_linux)


def node_for(*, root_on_linux: bool) -> BuiltNode:
    """The node, where it can run.

    Raises:
        ClusterError: It cannot run here.
    """
    if not root_on_linux:
        raise ClusterError(
            "no Docker engine answers, and without one a cluster needs root on Linux; start Docker, "
            f"or name a cluster of yours: {VARIABLE}=context:NAME (kubectl config get-contexts lists the names)"
        )
    return BuiltNode()

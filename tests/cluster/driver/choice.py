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


def choose(wish: str, *, docker_answers: Callable[[], bool], root_on_linux: bool) -> Choice:
    """The cluster that RELEASEFLOW_CLUSTER asks for; the first that works where it says nothing.

    Raises:
        ClusterError: The wish is not understood, or nothing works here.
    """
    if wish.startswith(CONTEXT_PREFIX) and wish != CONTEXT_PREFIX:
        return ExistingContext(wish.removeprefix(CONTEXT_PREFIX))
    if wish == "kind":
        return KindCluster()
    if wish == "node":
        return node_for(root_on_linux=root_on_linux)
    if wish:
        raise ClusterError(
            f"{VARIABLE}={wish} is not understood; say kind, node, or context:NAME "
            "(kubectl config get-contexts lists the names)"
        )
    return KindCluster() if docker_answers() else node_for(root_on_linux=root_on_linux)


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

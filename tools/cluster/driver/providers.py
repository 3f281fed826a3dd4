"""The three kinds of cluster behind one face."""

import os
import sys
from pathlib import Path
from typing import Protocol, assert_never

from .builders import Builder, docker_answers
from .existing import Existing
from .images import Image
from .kind import Kind, kind_exists, kind_possible
from .node.provider import Node, node_runs
from .selection import VARIABLE, BuiltNode, ExistingContext, KindCluster, Machine, choose


class Provider(Protocol):
    """A cluster: had, filled, entered, removed."""

    @property
    def name(self) -> str:
        """What RELEASEFLOW_CLUSTER calls it."""
        ...

    @property
    def builder(self) -> Builder:
        """What builds images for it."""
        ...

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig for use on the host."""
        ...

    def tools(self) -> list[Path]:
        """Folders with kubectl, apart from PATH."""
        ...

    def is_built(self) -> bool:
        """Whether the programs that it needs are there, so that it comes up in seconds."""
        ...

    def up(self) -> None:
        """Have a cluster that answers."""
        ...

    def down(self) -> None:
        """Remove it without a trace."""
        ...

    def answers(self) -> bool:
        """Whether it runs."""
        ...

    def has(self, image: Image, key: str) -> bool:
        """Whether it holds this content of an image."""
        ...

    def load(self, image: Image, key: str, archive: Path) -> None:
        """Put an image into it."""
        ...

    def network(self) -> list[str]:
        """Words before a command that let it reach pods and Services."""
        ...


def provider() -> Provider:
    """The cluster that the environment asks for."""
    choice = choose(os.environ.get(VARIABLE, ""), machine())
    match choice:
        case ExistingContext(name):
            return Existing(name)
        case KindCluster():
            return Kind()
        case BuiltNode():
            return Node()
        case _:
            assert_never(choice)


def machine() -> Machine:
    """What this machine has."""
    return Machine(
        docker_answers=docker_answers,
        kind_exists=kind_exists,
        kind_possible=kind_possible,
        node_runs=node_runs,
        root_on_linux=sys.platform == "linux" and os.geteuid() == 0,
    )

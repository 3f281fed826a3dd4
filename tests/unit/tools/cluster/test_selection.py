"""No cluster is ever touched that was not meant."""

import pytest

from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.selection import BuiltNode, Choice, ExistingContext, KindCluster, Machine, choose


def chosen(  # noqa: PLR0913
    wish: str,
    *,
    docker: bool = False,
    root: bool = True,
    node: bool = False,
    kind: bool = False,
    possible: bool = True,
) -> Choice:
    machine = Machine(
        docker_answers=lambda: docker,
        kind_exists=lambda: kind,
        kind_possible=lambda: possible,
        node_runs=lambda: node,
        root_on_linux=root,
    )
    return choose(wish, machine)


@pytest.mark.parametrize(
    ("wish", "docker", "root", "expected"),
    [
        ("", True, True, KindCluster()),
        ("", True, False, KindCluster()),
        ("", False, True, BuiltNode()),
        ("kind", False, False, KindCluster()),
        ("node", True, True, BuiltNode()),
        ("context:staging", True, True, ExistingContext("staging")),
        ("context:a:b", False, False, ExistingContext("a:b")),
    ],
)
def test_the_first_that_works_or_the_one_that_is_named(wish: str, docker: bool, root: bool, expected: Choice) -> None:  # noqa: FBT001
    assert chosen(wish, docker=docker, root=root) == expected


@pytest.mark.parametrize("wish", ["staging", "context:", "context", "CONTEXT:staging", "Kind", "node ", "minikube"])
def test_what_is_not_understood_is_refused_and_never_taken_for_a_context(wish: str) -> None:
    with pytest.raises(ClusterError, match=r"say kind, node, or context:NAME"):
        chosen(wish, docker=True)


def test_kubeconfig_of_the_user_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere/production")
    assert chosen("") == BuiltNode()


@pytest.mark.parametrize("wish", ["", "node"])
def test_without_root_and_docker_the_reader_learns_what_to_do(wish: str) -> None:
    with pytest.raises(ClusterError, match=r"start Docker, or name a cluster of yours"):
        chosen(wish, root=False)


def test_nothing_is_asked_where_a_cluster_is_named() -> None:
    def asked() -> bool:
        pytest.fail("the machine was asked")

    machine = Machine(
        docker_answers=asked, kind_exists=asked, kind_possible=asked, node_runs=asked, root_on_linux=False
    )
    assert choose("context:staging", machine) == ExistingContext("staging")


def test_a_node_that_runs_is_not_forgotten_when_docker_starts() -> None:
    assert chosen("", docker=True, node=True) == BuiltNode()
    assert chosen("", docker=True, node=True, kind=True) == KindCluster()
    assert chosen("kind", docker=True, node=True) == KindCluster()


def test_where_kind_cannot_be_had_root_on_linux_gets_the_node() -> None:
    assert chosen("", docker=True, possible=False) == BuiltNode()
    assert chosen("", docker=True, possible=False, kind=True) == KindCluster()
    assert chosen("", docker=True, possible=False, root=False) == KindCluster(), "whose error says what is missing"

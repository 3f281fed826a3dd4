"""Locks: which other keys count as locks of the same database."""

import pytest

from releaseflow.api.v1alpha1.metadata import LOCK_DATABASE, LOCK_IDENTITY
from releaseflow.controllers.run.locks import LockPlace, keys_of_identity, lease
from releaseflow.core.run.facts import DatabaseState
from releaseflow.unstructured import Object

OURS = LockPlace("team", "shop")


def lock(key: str, namespace: str = "team", holder: str = "", state: DatabaseState = DatabaseState.CLEAN) -> Object:
    return lease(LockPlace(namespace, key), None, holder, {LOCK_IDENTITY: "db", LOCK_DATABASE: state.value})


def other_keys(*leases: Object, used: frozenset[str] = frozenset({"shop"})) -> tuple[str, ...]:
    return keys_of_identity(list(leases), OURS, "db", used)


@pytest.mark.parametrize(
    "other",
    [lock("old", holder="run"), lock("old", state=DatabaseState.UNKNOWN), lock("old", state=DatabaseState.IN_USE)],
)
def test_a_lock_under_another_key_counts_while_it_is_held_or_remembers_trouble(other: Object) -> None:
    assert other_keys(lock("shop"), other) == ("old",)


def test_a_lock_under_another_key_counts_while_a_flow_names_it() -> None:
    assert other_keys(lock("worker"), used=frozenset({"shop", "worker"})) == ("worker",)


def test_a_free_lock_that_no_flow_names_is_a_key_that_was_renamed() -> None:
    assert other_keys(lock("old")) == ()


def test_locks_of_other_namespaces_and_databases_do_not_count() -> None:
    assert other_keys(lock("old", namespace="others", holder="run")) == ()
    assert keys_of_identity([lock("old", holder="run")], OURS, "another", frozenset()) == ()
    assert keys_of_identity([lock("old", holder="run")], OURS, "", frozenset()) == ()

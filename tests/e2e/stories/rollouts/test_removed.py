"""Argo Rollouts is uninstalled under an operator that watches Rollouts."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories import invariants
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.rollouts.canary import NAME, TARGETS
from tests.e2e.stories.rollouts.conftest import definitions
from tests.e2e.stories.shop import Shop
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.rollouts, pytest.mark.xdist_group("rollouts")]


@pytest.fixture
def removed(cluster: Kubectl) -> Iterator[None]:
    """Its definitions are gone; in the end they are there again, and watched."""
    operators = Operators(cluster)
    before = operators.restarts()
    cluster("delete", definitions())
    try:
        until(operators.restarts, lambda now: now > before, 120, "a start that watches no Rollouts")
        operators.settled()
        yield
    finally:
        cluster("apply", "--server-side", "--force-conflicts", definitions())
        operators.restart()
        cluster.forget()


def test_the_operator_starts_again_without_them_and_releases_what_there_is(shop: Shop, removed: None) -> None:
    shop.flow("v2", targets=TARGETS)
    waiting = shop.waits("TargetNotFound")
    assert NAME in waiting["message"]
    shop.flow("v2")
    shop.ready()
    assert shop.live().endswith(":v2")
    invariants.are_kept(shop)

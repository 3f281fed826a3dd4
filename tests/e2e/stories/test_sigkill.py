"""Story 8: the leading operator is killed at random moments of releases; another goes on where it stood."""

import os
import random
import time
from datetime import UTC, datetime

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.migrations import at_peace, lines, migrated_once, recorded, served_afterwards
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

pytestmark = pytest.mark.xdist_group("operator")
KILLS = int(os.environ.get("RELEASEFLOW_KILLS", "20"))
SEED = int(os.environ.get("RELEASEFLOW_SEED", "0")) or random.randrange(1, 10**6)  # noqa: S311 - no secret
LONGEST_PAUSE = 4.0
"""Seconds: about what a release takes whose operator is left alone."""


@pytest.fixture
def operators(cluster: Kubectl, server: Kubectl) -> Operators:
    """The operator, all of its replicas ready, and, in the server's namespace, a pod that kills."""
    found = Operators(cluster)
    found.bring_killer()
    found.settled()
    return found


def test_the_leader_is_killed_at_random_moments_and_each_migration_runs_once(shop: Shop, operators: Operators) -> None:
    print(f"RELEASEFLOW_SEED={SEED} RELEASEFLOW_KILLS={KILLS}")
    chance = random.Random(SEED)  # noqa: S311 - no secret
    migration = recorded(shop, 1)
    kills, releases = 0, 0

    while kills < KILLS:
        releases += 1
        version = ("v1", "v2")[releases % 2]
        shop.flow(version, migration=migration, historyLimit=50)
        while kills < KILLS and shop.condition("rflow", "shop").get("status") != "True":
            kills += _killed_once(operators, chance)
        shop.ready(seconds=180)

        assert shop.live() == image(version)
        run = shop.runs()[-1]
        assert run["status"]["outcome"] == "Migrated"
        assert run["spec"]["image"] == image(version)
        migrated_once(shop, run)
        served_afterwards(shop, run)
        assert lines(shop) == releases, "each migration ran once"
    at_peace(shop)
    assert len(shop.runs()) == releases
    print(f"{kills} kills in {releases} releases")


def test_a_flow_that_is_deleted_while_no_operator_leads_is_spoken_of_on_its_target(
    shop: Shop, operators: Operators
) -> None:
    shop.flow("v1")
    shop.ready()
    leader = operators.leads().holder
    assert operators.kill(leader)
    operators.remove(leader)
    shop.kubectl("delete", "rflow", "shop")

    operators.leads(but=leader)
    shop.warned("Deployment", "shop", "FlowDeleted")
    operators.settled()


def test_a_standby_leads_within_a_second_of_a_graceful_stop(operators: Operators) -> None:
    leader = operators.leads().holder

    changes = operators.handovers(leader, 30)

    assert [holder for _, holder in changes[:2]] in ([leader, ""], [leader, changes[-1][1]]), changes
    assert changes[-1][1] not in {"", leader}
    given_back = changes[1][0]
    assert given_back < 3 + 1, "it lets go within 3 s of the signal"
    assert changes[-1][0] - given_back < 1 + 0.5, f"half a second is for kubectl: {changes}"
    operators.settled()


def test_a_standby_leads_within_20_seconds_of_a_crash(operators: Operators) -> None:
    leader = operators.leads().holder

    began = datetime.now(UTC)
    assert operators.kill(leader)
    operators.remove(leader)
    next_one = operators.leads(but=leader)

    assert (next_one.acquired - began).total_seconds() < 20
    operators.settled()


def _killed_once(operators: Operators, chance: random.Random) -> int:
    """Kill the leader at some moment; returns how many were killed.

    The pod is then stopped in order once it leads again, for the kubelet waits ever longer to restart one that crashes.
    """
    leader = operators.leads().holder
    time.sleep(chance.uniform(0, LONGEST_PAUSE))
    before = operators.leadership()
    if before.holder != leader or not operators.kill(leader):
        return 0
    until(lambda: _is_led_again(operators, leader), bool, 60, "a leader after a crash")
    operators.stop(leader)
    operators.leads(but=leader)
    return 1


def _is_led_again(operators: Operators, killed: str) -> bool:
    """Whether another pod leads, or the killed one was started again and is ready."""
    if operators.leadership().holder != killed:
        return True
    query = "{.status.containerStatuses[*].restartCount} {.status.containerStatuses[*].ready}"
    state = str(operators.system("get", "pod", killed, "--ignore-not-found", f"--output=jsonpath={query}"))
    return state.endswith(" true") and not state.startswith("0 ")

"""Story 13: the operator is upgraded by its chart in the middle of a run."""

import tempfile
import uuid
from pathlib import Path

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.installation import alone, install
from tests.e2e.stories.migrations import at_peace, at_work, lines, migrated_once, recorded, served_afterwards
from tests.e2e.stories.operators import Operators
from tests.e2e.stories.shop import Shop, image

pytestmark = pytest.mark.xdist_group("operator")


def test_an_upgrade_in_mid_run_changes_nothing_for_the_run(shop: Shop, cluster: Kubectl) -> None:
    before = Operators(cluster).leads().holder
    shop.flow("v1")
    shop.ready()
    shop.flow("v2", migration=recorded(shop, 10))
    run = at_work(shop)
    (job,) = shop.all("jobs", "releaseflow.dev/step=Migrate")

    with alone(Path(tempfile.gettempdir())):
        install(cluster, f"podAnnotations.story=a{uuid.uuid4().hex[:8]}", "log.level=debug")

    shop.ready()
    assert Operators(cluster).leads().holder != before, "the operator was replaced"
    migrated_once(shop, run)
    served_afterwards(shop, run)
    (same,) = shop.all("jobs", "releaseflow.dev/step=Migrate")
    assert same["metadata"]["uid"] == job["metadata"]["uid"]
    assert (shop.live(), lines(shop)) == (image("v2"), 1)
    at_peace(shop)

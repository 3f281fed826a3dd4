"""Story of a flow that is suspended for longer than its backup may be old."""

import time

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

AGE = 60
"""Seconds: the least that the API takes."""


def test_a_backup_that_grew_too_old_is_taken_again_before_the_migration(shop: Shop) -> None:
    shop.flow("v2", backup={"maximumAgeSeconds": AGE})
    until(lambda: _backup_step(shop), bool, 60, "the backup to begin")
    _suspend(shop, "true")
    until(lambda: _status(shop).get("backup"), bool, 60, "the backup to be proven")
    first = _status(shop)["backup"]["location"]
    assert shop.waits("Suspended")
    assert "Migrate" not in [step["type"] for step in _status(shop)["steps"] if step.get("outcome")]

    time.sleep(AGE + 5)
    _suspend(shop, "false")
    shop.ready()
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")
    step = _backup_step(shop)
    assert (step["attempt"], step["expired"], step["outcome"]) == (2, 1, "Succeeded")
    assert [old["location"] for old in _status(shop)["expiredBackups"]] == [first]
    assert _status(shop)["backup"]["location"] == first.replace("-1.dump", "-2.dump")
    invariants.are_kept(shop)


def _suspend(shop: Shop, yes: str) -> None:
    shop.kubectl("patch", "rflow", "shop", "--type=merge", f'--patch={{"spec":{{"suspend":{yes}}}}}')


def _status(shop: Shop) -> Raw:
    runs = shop.runs()
    return dict(runs[0].get("status", {})) if runs else {}


def _backup_step(shop: Shop) -> Raw:
    return next((dict(step) for step in _status(shop).get("steps", []) if step["type"] == "Backup"), {})

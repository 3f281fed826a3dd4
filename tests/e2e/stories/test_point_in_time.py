"""Story of a managed database: nothing is copied, and a failure says the second and the position to restore to."""

import re
from datetime import UTC, datetime

from tests.e2e.stories import invariants
from tests.e2e.stories.shop import Raw, Shop, image

STATEMENT = "the provider keeps seven days, restore tested 2026-10-02"
MANAGED = {"persistentVolumeClaim": None, "pointInTime": {"statement": STATEMENT}}


def test_the_point_before_a_migration_is_recorded_and_shown_when_it_fails(shop: Shop) -> None:
    shop.flow("v2", backup=MANAGED)
    shop.ready()
    assert shop.serves() == "v2"
    backup = _backup(shop, 0)
    assert (backup["method"], backup["proof"]) == ("PointInTime", "the database answered, and the point was recorded")
    assert re.fullmatch(r"[0-9A-F]+/[0-9A-F]+", backup["recoveryLSN"])
    assert "location" not in backup or not backup["location"]
    _lies_between_check_and_migration(shop, 0)

    shop.release("v3")
    failure = shop.stalled("MigrationFailed")["failure"]
    words = f"{_backup(shop, 1)['recoveryTime']}, LSN {_backup(shop, 1)['recoveryLSN']}"
    assert f"To undo what it did, restore to {words}. " in failure["hint"]
    verified = next(c for c in shop.runs()[1]["status"]["conditions"] if c["type"] == "BackupVerified")
    assert verified["message"].endswith(f"is right: {STATEMENT}. ReleaseFlow does not test that restore")
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")

    shop.release("v4")
    shop.command("retry", "restored-it")
    shop.ready()
    assert shop.live() == image("v4")
    assert shop.database.ask(f"select pg_current_wal_insert_lsn() > '{_backup(shop, 2)['recoveryLSN']}'") == ["t"]
    invariants.are_kept(shop)


def _backup(shop: Shop, number: int) -> Raw:
    backup: Raw = shop.runs()[number]["status"]["backup"]
    return backup


def _lies_between_check_and_migration(shop: Shop, number: int) -> None:
    """See that the second lies behind the end of the check and before the start of the migration."""
    steps = {step["type"]: step for step in shop.runs()[number]["status"]["steps"]}
    second = _time(_backup(shop, number)["recoveryTime"])
    assert _time(steps["Check"]["completionTime"]) <= second <= _time(steps["Migrate"]["startTime"])


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

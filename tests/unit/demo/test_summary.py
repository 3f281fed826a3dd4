"""The demo's summary: which releases the runs show, and what they should have recorded."""

from demo.objects import Run
from demo.summary import GATED, MIGRATED, releases, unrecorded
from demo.visits import Release, findings

IMAGE = "localhost/releaseflow/shop:"


def a_run(sequence: int, version: str, done: float | None = None, started: float | None = 0) -> Run:
    return Run(f"shop-{sequence}", sequence, IMAGE + version, started, done, "", (), None, {})


def test_releases_come_in_order_and_know_what_they_replace() -> None:
    runs = [a_run(4, "v4", 40, 35), a_run(1, "v1", None, 5), a_run(3, "v3", None, 25), a_run(2, "v2", 20, 15)]
    assert releases(runs) == [
        Release("v2", "v1", 15, 20),
        Release("v3", "v2", 25, None),
        Release("v4", "v2", 35, 40),
    ]


def test_the_last_run_of_a_version_counts_and_one_that_never_started_does_not() -> None:
    runs = [a_run(2, "v2", None, 15), a_run(3, "v2", 30, 25), a_run(4, "v3", started=None)]
    assert releases(runs) == [Release("v2", "v1", 25, 30)]


def test_a_release_without_a_run_is_missed() -> None:
    whole = [a_run(2, "v2", 20), a_run(3, "v3"), a_run(4, "v4", 40)]
    assert unrecorded(findings([], releases(whole)), MIGRATED) == []
    assert len(unrecorded(findings([], releases(whole)), {**MIGRATED, **GATED})) == 1
    assert len(unrecorded(findings([], releases(whole[:2])), MIGRATED)) == 1
    assert len(unrecorded(findings([], releases([whole[0], a_run(3, "v3", 30), whole[2]])), MIGRATED)) == 1
    assert len(unrecorded([], MIGRATED)) == 3

"""The demo's verdict: it must see a version that answered too early, and a request that was lost."""

import pytest

from demo.visits import Release, Sent, Visit, broken_promises, findings, line

V2 = Release(version="v2", replaces="v1", started=100, done=110)
V3 = Release(version="v3", replaces="v2", started=200, done=None)
V4 = Release(version="v4", replaces="v2", started=300, done=310)
RELEASES = [V2, V3, V4]


def visit(at: float, version: str, status: int = 200, error: str = "", *, writes: bool = False) -> Visit:
    return Visit(int(at), at, 0.01, status, version, error, writes)


def kept_visits() -> list[Visit]:
    pairs = ((90, "v1"), (105, "v1"), (114, "v1"), (115, "v2"), (205, "v2"), (305, "v2"), (316, "v2"), (317, "v4"))
    return [visit(at, version) for at, version in pairs]


def test_a_release_in_order_keeps_every_promise() -> None:
    visits = kept_visits()
    found = findings(visits, RELEASES)
    assert [each.kept for each in found] == [True, True, True]
    assert [each.before for each in found] == [{"v1": 1}, {"v2": 1}, {"v2": 1}]
    assert [each.first for each in found] == [115, None, 317]
    assert broken_promises(visits, len(visits), (50, 50), found) == []


@pytest.mark.parametrize(
    ("early", "release"),
    [
        pytest.param(visit(105, "v2"), "v2", id="during the migration"),
        pytest.param(visit(50, "v2"), "v2", id="before the run"),
        pytest.param(visit(110.5, "v2"), "v2", id="within the second that the cluster cannot tell apart"),
        pytest.param(visit(205, "v3"), "v3", id="a version whose migration failed"),
        pytest.param(visit(900, "v3"), "v3", id="a version whose migration failed, at any time"),
        pytest.param(visit(205, "v4"), "v4", id="a release too early"),
        pytest.param(visit(105, "v9"), "v2", id="a version that nobody released"),
    ],
)
def test_an_answer_that_came_too_early_breaks_the_promise(early: Visit, release: str) -> None:
    visits = [*kept_visits(), early]
    broken = broken_promises(visits, len(visits), (50, 50), findings(visits, RELEASES))
    assert any(f"before the migration of {release} was done" in sentence for sentence in broken)


def test_the_second_in_which_a_run_started_is_not_judged() -> None:
    visits = [*kept_visits(), visit(200.9, "v1"), visit(201.1, "v1")]
    assert [each.kept for each in findings(visits[:-1], RELEASES)] == [True, True, True]
    assert [each.kept for each in findings(visits, RELEASES)] == [True, False, True]


def test_a_migration_without_an_earlier_visit_is_not_proven() -> None:
    visits = [each for each in kept_visits() if each.at != 105]
    assert not findings(visits, RELEASES)[0].kept


def test_lost_requests_are_named() -> None:
    visits = [*kept_visits(), visit(320, "", status=503, error="Service Unavailable")]
    broken = broken_promises(visits, len(visits), (50, 50), findings(visits, RELEASES))
    assert broken == ["request 320 failed: status 503 Service Unavailable"]


def test_requests_without_a_visit_are_named() -> None:
    visits = kept_visits()
    broken = broken_promises(visits, len(visits) + 1, (50, 50), findings(visits, RELEASES))
    assert broken == ["9 requests were sent, but 8 are accounted for"]


def test_items_that_visitors_added_must_be_there() -> None:
    visits = [*kept_visits(), visit(320, "v4", status=201, writes=True)]
    found = findings(visits, RELEASES)
    assert broken_promises(visits, len(visits), (51, 50), found) == []
    assert broken_promises(visits, len(visits), (50, 50), found) != []


def test_no_visits_prove_nothing() -> None:
    assert broken_promises([], 0, (50, 50), []) != []


def test_lines_of_the_visitor_are_read() -> None:
    assert line('{"sent": 12}') == Sent(12)
    said = '{"number": 3, "at": 1.5, "writes": true, "status": 201, "version": "v1", "seconds": 0.02}'
    assert line(said) == Visit(3, 1.5, 0.02, 201, "v1", writes=True)
    assert line('{"number": 3, "at"') is None
    assert line("warning: something") is None
    assert line("3") is None

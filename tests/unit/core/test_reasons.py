"""The table of reasons has a row for each, and what it says can be used in a status and on a page unchanged."""

import re

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import fill_in
from releaseflow.core.reasons.table import ROWS, SECTIONS, is_warning, remedy, section_of


def test_every_reason_has_one_row_and_at_most_one_section() -> None:
    assert set(ROWS) == set(Reason), "write the row of a new reason in releaseflow/core/reasons/"
    explained = [reason for section in SECTIONS for reason in section.rows]
    assert len(explained) == len(set(explained))


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_valid_in_a_condition_and_its_row_on_a_page(reason: Reason) -> None:
    row = ROWS[reason]
    assert re.fullmatch("[A-Za-z]{1,64}", reason)
    assert row.meaning.endswith(".")
    assert not row.remedy.endswith(".")
    assert not re.search(r"\w- \w", fill_in(row.remedy)), "a word is cut in two"
    assert row.remedy or not row.retry


def test_a_remedy_names_what_is_known_and_has_a_word_for_what_is_not() -> None:
    quota = remedy(Reason.QUOTA_EXCEEDED, namespace="team")
    assert quota == "Raise the quota: kubectl describe resourcequota -n team"
    job = remedy(Reason.POD_NOT_CREATED, namespace="team", job="", pod="shop-x")
    assert job == "See why the Job has no pod: kubectl describe job JOB -n team"


def test_an_event_is_a_warning_where_a_person_may_have_to_help_while_the_work_goes_on() -> None:
    assert is_warning(Reason.NODE_LOST)
    assert not is_warning(Reason.MIGRATING)


def test_what_has_only_to_be_watched_has_no_section() -> None:
    assert section_of(Reason.MIGRATING) is None
    section = section_of(Reason.LOCK_HELD)
    assert section is not None
    assert section.title == "It waits"

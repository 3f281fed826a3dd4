"""What the reference says of a reason can be used as it stands."""

import re

import pytest

from releaseflow.api.v1alpha1.failure_meanings import MEANINGS_OF_FAILURE
from releaseflow.api.v1alpha1.meanings import MEANINGS_OF_PROGRESS
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release_flow import TargetStep

MEANINGS = {**MEANINGS_OF_PROGRESS, **MEANINGS_OF_FAILURE}


@pytest.mark.parametrize("reason", MEANINGS, ids=str)
def test_no_word_is_cut_in_two(reason: Reason) -> None:
    assert not re.search(r"\w- \w", MEANINGS[reason].what_to_do)


def test_an_object_that_cannot_be_read_is_told_with_a_reason_of_the_closed_set() -> None:
    assert Reason("Unreadable") in MEANINGS_OF_FAILURE


def test_a_target_has_no_step_that_is_never_written() -> None:
    assert "Fenced" not in {step.value for step in TargetStep}

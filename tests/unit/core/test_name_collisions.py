"""Names of very many objects whose own names are long and alike: none is too long, and none comes twice."""

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.names import LONGEST, job_name, lock_name, run_name

MANY = 100_000
ALIKE = "a-flow.with-a-very-long-name." * 8
"""Longer than what is kept of a name, so that only the hash tells two apart."""


def test_runs_of_flows_that_are_named_alike_differ() -> None:
    names = {run_name(f"{ALIKE}{number}", f"uid-{number}", 1) for number in range(MANY)}

    assert len(names) == MANY
    assert max(map(len, names)) <= LONGEST


def test_jobs_of_runs_that_are_named_alike_differ() -> None:
    runs = MANY // len(StepType)
    names = {job_name(ALIKE, f"uid-{number}", step, 1) for number in range(runs) for step in StepType}

    assert len(names) == runs * len(StepType)
    assert max(map(len, names)) <= LONGEST


def test_locks_of_keys_that_run_into_each_other_differ() -> None:
    names = {lock_name(f"{ALIKE}{number}", f"{ALIKE}{key}") for number in range(300) for key in range(300)}

    assert len(names) == 300 * 300
    assert max(map(len, names)) <= LONGEST

"""The vectors, played on the explorer's model; tests/e2e/test_vectors.py plays the same on a real API server."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.conformance.backends.model import Choose, Model
from tests.conformance.catalogue import VECTORS
from tests.conformance.language import Answer, Create, Vector, step
from tests.conformance.runner import differences
from tests.model.state import Change

FEWEST = 60


def first(moves: Sequence[Change]) -> Change:
    return moves[0]


def last(moves: Sequence[Change]) -> Change:
    return moves[-1]


def orders() -> list[Choose]:
    """Orders in which the controllers may come."""
    return [first, last, *(random.Random(seed).choice for seed in range(8))]  # noqa: S311 - no secret


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_the_model_goes_as_the_vector_says(vector: Vector) -> None:
    found = [await differences(vector, Model(choose)) for choose in orders()]

    assert [difference for differences_ in found for difference in differences_] == []


def test_there_are_enough_vectors_and_each_has_a_name_of_its_own() -> None:
    assert len(VECTORS) >= FEWEST
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)


async def test_a_difference_is_noticed() -> None:
    good = Vector("a lock is created", "", (step(Create("lock"), lock="free"),))
    (only,) = good.steps

    assert await differences(good, Model(first)) == []
    for bad in (replace(only, answer=Answer.CONFLICT), replace(only, then={"lock": "taken"})):
        assert await differences(replace(good, steps=(bad,)), Model(first)) != []

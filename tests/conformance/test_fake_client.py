"""The vectors of preconditions and finalizers, played on the fake that unit tests use for the client."""

from dataclasses import replace

import pytest

from tests.conformance.backends.apiserver import ApiServerBackend
from tests.conformance.cases import finalizers, preconditions
from tests.conformance.language import People, Vector
from tests.conformance.runner import differences
from tests.support.fake_client import FakeClient

VECTORS = (
    *preconditions.VECTORS,
    *(vector for vector in finalizers.VECTORS if not any(isinstance(step.act, People) for step in vector.steps)),
)


async def never(pod: str) -> None:
    raise AssertionError(f"there is no kubelet that could end {pod}")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_the_fake_client_answers_as_the_vector_says(vector: Vector) -> None:
    answers = replace(vector, steps=tuple(replace(step, answer_shows="", then={}) for step in vector.steps))

    assert await differences(answers, ApiServerBackend(FakeClient().as_kube(), "shop", "v1", never)) == []

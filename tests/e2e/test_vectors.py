"""The vectors that the explorer's model is held to, played on a real API server with its controllers and a kubelet."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

import pytest

from releaseflow.kube.client import Client
from releaseflow.kube.connection import connection
from tests.conformance.backends.apiserver import ApiServerBackend
from tests.conformance.catalogue import VECTORS
from tests.conformance.language import Vector
from tests.conformance.manifests import END
from tests.conformance.runner import differences
from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("vectors")]
AT_ONCE = 24


@pytest.fixture(scope="module")
def played(kubectl: Kubectl, crds: None) -> dict[str, list[str]]:
    """Where reality went another way than each vector; all are played once, many at a time."""
    until(lambda: str(kubectl("get", "serviceaccounts", "--output=name")), lambda said: "default" in said, 30)
    began = time.monotonic()
    found = asyncio.run(_play(kubectl, VECTORS))
    print(f"{len(VECTORS)} vectors on a real API server in {time.monotonic() - began:.0f} s")
    return found


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_reality_goes_as_the_vector_says(vector: Vector, played: dict[str, list[str]]) -> None:
    assert played[vector.name] == []


async def _play(kubectl: Kubectl, vectors: Iterable[Vector]) -> dict[str, list[str]]:
    kube = Client((await connection()).transport())
    places, found = asyncio.Semaphore(AT_ONCE), {}

    async def finish(pod: str) -> None:
        # The container may end before kubectl has its answer; whether it did is seen of the pod.
        with suppress(RefusedError):
            await asyncio.to_thread(kubectl, "exec", pod, "--", "touch", END)

    async def play(number: int, vector: Vector) -> None:
        async with places:
            backend = ApiServerBackend(kube, kubectl.namespace, f"v{number}", finish)
            try:
                found[vector.name] = await differences(vector, backend)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this vector's result
                found[vector.name] = [f"{type(error).__name__}: {error}"]
            finally:
                await backend.leave()

    longest_first = sorted(enumerate(vectors), key=lambda numbered: "deadline" in numbered[1].name, reverse=True)
    await asyncio.gather(*(play(number, vector) for number, vector in longest_first))
    await kube.close()
    return found

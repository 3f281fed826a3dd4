"""Releases with all three Jobs, one after the other, for the parts that measure what the operator does in them."""

import time
from dataclasses import dataclass

from releaseflow.kube.finalizers import has_our_finalizer
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_str
from tests.bench.environment import Environment
from tests.bench.objects import IMAGES, THREE_JOBS, deployment, flow, is_released
from tests.bench.observer import Observer
from tests.support.objects import DEPLOYMENT

NAME = "shop"


@dataclass
class Releases:
    """One flow that checks, backs up and migrates each time; the schema changes each time."""

    environment: Environment
    observer: Observer
    replicas: int
    count: int = 0

    async def begin(self) -> None:
        """Make the database and the flow; what the first sight of it leads to is the first release."""
        await self.environment.start_database()
        began = time.monotonic()
        await self.environment.create(DEPLOYMENT, deployment(NAME, IMAGES[0], self.replicas))
        await self.environment.create(Resource.FLOW, flow(NAME, IMAGES[0], THREE_JOBS))
        await self._released(IMAGES[0], began)

    async def next(self) -> None:
        """Release the other image."""
        self.count += 1
        image = IMAGES[self.count % len(IMAGES)]
        began = time.monotonic()
        await self.environment.kube.merge_patch(
            Resource.FLOW, self.environment.namespace, NAME, {"spec": {"image": image}}
        )
        await self._released(image, began)

    async def _released(self, image: str, began: float) -> None:
        """Wait for the release, and for the end of its run's clean-up, which the promotion does not wait for."""
        released = await self.observer.first(
            lambda seen: seen.is_of(Resource.FLOW, NAME) and is_released(seen.raw, image), began, what="the release"
        )
        run = get_str(released.raw, "status", "release", "run")
        await self.observer.first(
            lambda seen: seen.is_of(Resource.RUN, run) and _is_cleaned_up(seen.raw), began, what="its clean-up"
        )


def _is_cleaned_up(run: Object) -> bool:
    return bool(get_str(run, "status", "outcome")) and not has_our_finalizer(run)

"""A run as a controller observes it: what its cache shows, and what only the API server has."""

from datetime import UTC, datetime
from typing import Any

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.observe import RunObservation, RunObserver
from releaseflow.core.names import job_name
from releaseflow.core.run.facts import RunObserved
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
NAME = job_name("shop-1-aa", objects.RUN_UID, StepType.MIGRATE, 1)
LABELS = {"releaseflow.dev/managed": "true"}


def migrating(uid: str = objects.JOB_UID, **more: Any) -> objects.Object:
    step = {
        "name": "migrate",
        "type": "Migrate",
        "attempt": 1,
        "jobName": NAME,
        "jobUid": uid,
        "templateHash": "cafe",
        **more,
    }
    return objects.run(status={"observedGeneration": 1, "steps": [step]})


def job(**more: Any) -> objects.Object:
    raw = objects.job(**more)
    raw["metadata"]["name"] = NAME
    return raw


class Scene:
    """A look at one run: some objects that the cache shows, and some that only the API server has."""

    def __init__(self, *shown: tuple[Resource, objects.Object]) -> None:
        always = ((Resource.FLOW, objects.flow()), (DEPLOYMENT, objects.deployment(labels=LABELS)))
        self.api, self.cache, self.now = FakeClient(), Cache(), START
        for kind, raw in (*always, *shown):
            self.api.having(kind, raw)
            self.cache.upsert(kind, raw)
        self.observer = RunObserver("operators", objects.job_specs(), lambda: self.now, Rejections(lambda: 0.0))
        self.reader = Reader(self.api.as_kube(), self.cache)

    async def observe(self) -> RunObserved:
        found = await self.observer.observe(self.reader, KEY)
        assert isinstance(found, RunObservation)
        self.again = found.requeue_after
        return found.facts

    def asked_for(self, kind: Resource) -> int:
        return sum(entry[1] is kind for entry in self.api.asked)


def read(raw: objects.Object) -> ParsedRun:
    found = parse_run(raw)
    assert isinstance(found, ParsedRun)
    return found

"""A status says who wrote it, and sinks are given it once it is written, and not before."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.cache.cache import Cache
from releaseflow.cache.writer import Writer
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.observe import RunObservation
from releaseflow.kube.errors import ApiError, ConflictError, UnavailableError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import ObjectReference
from releaseflow.reporting.sinks.sink import Transition
from releaseflow.runtime.composition import reconciler
from releaseflow.version import __version__
from tests.support import objects
from tests.support.fake_client import FakeClient

KEY = ReconcileRequest(Resource.RUN, "shop", "shop-1")
REQUEST = Request(Verb.REPLACE, Resource.RUN, "shop", "shop-1")
BEFORE, AFTER = MigrationRunStatus(), MigrationRunStatus(backup_state="Proven")


@dataclass
class Sinks:
    """A sink and a writer: what they did, in its order."""

    error: ApiError | None = None
    recorded: list[Any] = field(default_factory=list)

    async def status(self, *_: object) -> None:
        if self.error is not None:
            raise self.error
        self.recorded.append("written")

    def publish(self, transition: Transition) -> None:
        self.recorded.append(transition)

    async def report(self) -> None:
        read = SimpleNamespace(namespace="shop", name="shop-1", uid="u", resource_version="1", status=BEFORE)
        look = cast("RunObservation", SimpleNamespace(parsed=read))
        reporter = Reporter(self.recorded.append, (self, self))
        await reporter.report(cast("Writer", self), KEY, look, AFTER)


async def test_each_sink_is_given_a_status_with_its_predecessor_behind_the_write() -> None:
    sinks = Sinks()
    await sinks.report()

    after = AFTER.model_copy(update={"operator_version": __version__})
    run = ObjectReference("releaseflow.dev/v1alpha1", "MigrationRun", "shop", "shop-1", "u")
    assert sinks.recorded == ["written", *[Transition(run, BEFORE, after)] * 2]


@pytest.mark.parametrize("error", [ConflictError(REQUEST, "changed"), UnavailableError(REQUEST, "no answer")])
async def test_a_status_that_was_not_written_is_not_published(error: ApiError) -> None:
    sinks = Sinks(error)
    with pytest.raises(type(error)):
        await sinks.report()

    assert sinks.recorded == []


async def test_a_newer_operator_does_not_write_a_status_for_its_version_alone() -> None:
    key, api, cache = (
        ReconcileRequest(Resource.FLOW, "shop", "shop"),
        FakeClient().having(Resource.FLOW, objects.flow()),
        Cache(),
    )
    cache.upsert(Resource.FLOW, objects.flow())
    of_today = reconciler(api.as_kube(), cache, "operators", objects.job_specs(), Reporter(lambda _record: None))
    await of_today.reconcile(key)
    flow = api.objects[Resource.FLOW, "shop"]
    assert flow["status"]["operatorVersion"] == __version__

    flow["status"]["operatorVersion"] = "0.0.1"
    flow["metadata"]["resourceVersion"] = "1000"
    cache.upsert(Resource.FLOW, flow)
    api.asked.clear()
    await of_today.reconcile(key)
    assert api.writes == []
    assert api.objects[Resource.FLOW, "shop"]["status"]["operatorVersion"] == "0.0.1"

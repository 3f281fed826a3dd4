"""Every write is done and its answer is lost: what was done is found and gone on with, under one name."""

from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.cache.cache import Cache
from releaseflow.controllers.base import FlowController, RunController
from releaseflow.controllers.flow.observe import FlowObserver
from releaseflow.controllers.orphans.controller import OrphanController
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.reconciler import Reconciler
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.act import RunExecutor
from releaseflow.controllers.run.observe import RunObserver
from releaseflow.core.names import job_name, run_name
from releaseflow.kube.errors import ConflictError, UnavailableError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.fake_client import FakeClient
from tests.support.objects import DEPLOYMENT

NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
FLOW = ReconcileRequest(Resource.FLOW, "shop", "shop")
RUN = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
JOB = job_name(RUN.name, objects.RUN_UID, StepType.MIGRATE, 1)
DIGEST = "5a" * 32


class LosesAnswers(FakeClient):
    """Does whatever is asked, and never answers a write."""

    @override
    async def json_patch(
        self, kind: Resource, namespace: str, name: str, operations: list[objects.Object]
    ) -> objects.Object:
        request = self._ask(Verb.JSON_PATCH, kind, namespace, name, operations)
        there = self._there(request)
        wanted = [operation["value"] for operation in operations if operation["op"] == "test"]
        if wanted != [there["metadata"]["uid"], there["metadata"]["resourceVersion"]]:
            raise ConflictError(request, "a test failed")
        fresh = {"metadata": {**there["metadata"], "generation": 2}, "spec": {**there["spec"], "suspend": False}}
        return self._kept(request, {**there, **fresh})

    @override
    def _kept(self, request: Request, raw: objects.Object) -> objects.Object:
        super()._kept(request, raw)
        raise UnavailableError(request, "the connection was lost")


def ready_to_migrate() -> objects.Object:
    """Return a run whose look and backup are done, and whose migration is not yet intended."""
    done = {"attempt": 1, "outcome": "Succeeded", "startTime": objects.AT}
    steps = [
        {**done, "name": "check", "type": "Check", "jobName": "check", "exitCode": 1},
        {**done, "name": "backup", "type": "Backup", "jobName": "backup"},
    ]
    backup: dict[str, Any] = {"method": "PersistentVolumeClaim", "location": "pvc://backups/1.dump", "sizeBytes": 9}
    facts = {
        "proof": "read back",
        "sha256": DIGEST,
        "tables": 3,
        "serverVersion": "18",
        "clientVersion": "18",
        "durationSeconds": 1,
    }
    status = {"observedGeneration": 1, "steps": steps, "backup": {**backup, **facts}, "databaseIdentity": DIGEST}
    return objects.run(status=status)


class Scene:
    """A reconciler over an API server whose answers to writes are lost."""

    def __init__(self, *shown: tuple[Resource, objects.Object]) -> None:
        self.api, cache = LosesAnswers(), Cache()
        for kind, raw in shown:
            self.api.having(kind, raw)
            cache.upsert(kind, raw)
        refusals, templates = Rejections(lambda: 0.0), objects.job_specs()
        runs = RunObserver("operators", templates, lambda: NOW, refusals)
        self.reconciler = Reconciler(
            kube=self.api.as_kube(),
            cache=cache,
            flows=FlowController(FlowObserver(lambda: NOW, refusals)),
            runs=RunController(runs, RunExecutor("operators", templates)),
            orphans=OrphanController(DeletedFlows(lambda _record: None)),
            rejections=refusals,
            reporter=Reporter(lambda _occasion: None),
            clock=lambda: NOW,
        )

    async def until_it_rests(self, key: ReconcileRequest) -> int:
        """Take steps as a worker does; return how many answers were lost."""
        for lost in range(30):
            try:
                await self.reconciler.reconcile(key)
            except UnavailableError:
                continue
            return lost
        raise AssertionError(f"no rest: {self.api.writes[-10:]}")

    def names(self, kind: Resource) -> list[str]:
        return [name for of, name in self.api.objects if of is kind]


async def test_a_migration_is_made_and_started_once_although_every_answer_is_lost() -> None:
    labels = {"releaseflow.dev/managed": "true"}
    scene = Scene(
        (Resource.FLOW, objects.flow()),
        (DEPLOYMENT, objects.deployment(labels=labels)),
        (Resource.RUN, ready_to_migrate()),
    )
    lost = await scene.until_it_rests(RUN)

    assert lost >= 5
    assert scene.names(Resource.JOB) == [JOB]
    assert len(scene.names(Resource.LEASE)) == 1
    assert [entry[2] for entry in scene.api.writes if entry[0] is Verb.JSON_PATCH] == [JOB]
    assert scene.api.objects[Resource.JOB, JOB]["spec"]["suspend"] is False
    recorded = scene.api.objects[Resource.RUN, RUN.name]["status"]["steps"][-1]
    assert (recorded["jobName"], recorded["jobUid"]) == (JOB, f"uid-of-{JOB}")


async def test_a_flow_makes_one_run_although_every_answer_is_lost() -> None:
    scene = Scene((Resource.FLOW, objects.flow()), (DEPLOYMENT, objects.deployment()))
    lost = await scene.until_it_rests(FLOW)

    assert lost >= 3
    assert scene.names(Resource.RUN) == [run_name("shop", objects.FLOW_UID, 1)]
    fence = scene.api.objects[DEPLOYMENT, "shop"]["metadata"]["annotations"]["releaseflow.dev/fence"]
    assert fence == f"shop/{objects.FLOW_UID}/1"

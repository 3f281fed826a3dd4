"""The loop around the decisions: what is read live, what is written first, and how it comes to rest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from releaseflow.api.v1alpha1.conditions import Condition, ConditionStatus
from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.cache.cache import Cache
from releaseflow.cache.reader import Reader
from releaseflow.cache.writer import Writer
from releaseflow.controllers.base import FlowController
from releaseflow.controllers.flow.observe import FlowObserver
from releaseflow.controllers.orphans.controller import OrphanController
from releaseflow.controllers.orphans.targets import DeletedFlows
from releaseflow.controllers.parse_objects import ParsedRun, Unreadable, parse_run
from releaseflow.controllers.reconciler import MAX_CONFLICTS, MAX_PASSES, TERMINATING_PAUSE, Reconciler, Result
from releaseflow.controllers.rejections import Rejections
from releaseflow.controllers.reporter import Reporter
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.observe import RunObservation
from releaseflow.core.decision import Decision
from releaseflow.core.facts import ABSENT, Absent, PendingCause
from releaseflow.core.run.actions import AddFinalizer, RunAction, StartMigration, TakeLock
from releaseflow.kube.errors import ApiError, ConflictError, ForbiddenError, NamespaceTerminatingError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from releaseflow.reporting.events import EventRecord
from releaseflow.reporting.metrics import Metrics
from releaseflow.reporting.sinks.registry import all_sinks
from releaseflow.reporting.sinks.sink import SinkContext
from releaseflow.version import __version__
from tests.support import objects
from tests.support.fake_client import FakeClient

KEY = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
SEEN = MigrationRunStatus(observed_generation=-1)
START = StartMigration("shop-migrate", "job", "1")

Choice = Decision[MigrationRunStatus, RunAction]


def status(reason: Reason, *, working: bool = True) -> MigrationRunStatus:
    kinds = ["Ready", "Reconciling"] if working else ["Ready"]
    at = {"reason": reason, "last_transition_time": objects.AT, "status": ConditionStatus.TRUE}
    conditions = tuple(Condition(type=kind, **at) for kind in kinds)
    return MigrationRunStatus(observed_generation=1, operator_version=__version__, conditions=conditions)


@dataclass
class Scripted:
    """A side whose decisions are the test's."""

    choose: Callable[["Scripted", RunObservation], Choice]
    looks: list[bool] = field(default_factory=list)
    """For each look, whether it was live."""
    acts: list[RunAction] = field(default_factory=list)
    fail: Callable[[], None] = lambda: None

    async def observe(self, reader: Reader, key: ReconcileRequest) -> RunObservation | Unreadable | Absent:
        self.looks.append(reader.live)
        raw = await reader.get(key.kind, key.namespace, key.name)
        read = parse_run(raw) if raw else ABSENT
        return RunObservation(read, ABSENT, None) if isinstance(read, ParsedRun) else read  # type: ignore[arg-type]

    def decide(self, look: RunObservation) -> Choice:
        return self.choose(self, look)

    async def act(self, _reader: Reader, _writer: Writer, _look: RunObservation, action: RunAction) -> None:
        self.fail()
        self.acts.append(action)


@dataclass
class Scene:
    """A reconciler over the stand-in, with one run."""

    side: Scripted
    api: FakeClient = field(default_factory=lambda: FakeClient().having(Resource.RUN, objects.run()))
    events: list[EventRecord] = field(default_factory=list)
    time: float = 0.0

    def __post_init__(self) -> None:
        self.cache = Cache()
        for (kind, _), raw in self.api.objects.items():
            self.cache.upsert(kind, raw)
        self.rejections = Rejections(lambda: self.time)
        clock = lambda: datetime(2026, 11, 23, tzinfo=UTC)  # noqa: E731
        self.reconciler = Reconciler(
            kube=self.api.as_kube(),
            cache=self.cache,
            flows=FlowController(FlowObserver(clock, self.rejections)),
            runs=self.side,  # type: ignore[arg-type]
            orphans=OrphanController(DeletedFlows(self.events.append)),
            rejections=self.rejections,
            reporter=Reporter(self.events.append, all_sinks(SinkContext(self.events.append, Metrics()))),
            clock=clock,
        )

    async def step(self, *, live: bool = False) -> Result:
        return await self.reconciler.reconcile(KEY, live=live)


async def test_the_status_is_written_before_any_action() -> None:
    wanted = status(Reason.STARTING)

    def choose(side: Scripted, look: RunObservation) -> Choice:
        assert not side.acts or look.parsed.status == wanted
        return Decision(wanted, ABSENT if side.acts else AddFinalizer())

    scene = Scene(Scripted(choose))
    rest = await scene.step()

    assert scene.api.writes == [(Verb.REPLACE, Resource.RUN, "shop-1-aa")]
    assert scene.side.acts == [AddFinalizer()]
    assert rest == Result(None, in_progress=True)


async def test_an_action_that_needs_no_record_comes_first() -> None:
    def choose(side: Scripted, look: RunObservation) -> Choice:
        assert side.acts or look.parsed.status == SEEN
        return Decision(status(Reason.STARTING), ABSENT if side.acts else TakeLock(ABSENT))

    scene = Scene(Scripted(choose))
    await scene.step()

    assert scene.side.acts == [TakeLock(ABSENT)]


async def test_a_grave_action_is_decided_again_on_live_reads() -> None:
    def choose(side: Scripted, _look: RunObservation) -> Choice:
        return Decision(SEEN, ABSENT if side.acts else START)

    scene = Scene(Scripted(choose))
    await scene.step()

    assert scene.side.looks == [False, True, False]
    assert scene.side.acts == [START]


async def test_a_step_after_a_long_silence_begins_with_live_reads_and_finds_what_the_watch_missed() -> None:
    def choose(side: Scripted, _look: RunObservation) -> Choice:
        return Decision(SEEN, ABSENT if side.acts else AddFinalizer())

    scene = Scene(Scripted(choose))
    scene.api.having(Resource.RUN, objects.run(version=11))
    await scene.step(live=True)

    assert scene.side.looks == [True, False]
    assert scene.cache.newest == 11


async def test_a_grave_action_is_not_done_when_live_reads_say_otherwise() -> None:
    def choose(side: Scripted, _look: RunObservation) -> Choice:
        view_says = not any(side.looks)
        return Decision(SEEN, START) if view_says else Decision(SEEN)

    scene = Scene(Scripted(choose))
    await scene.step()

    assert not scene.side.acts


async def test_a_failure_is_recorded_on_live_reads_alone() -> None:
    failed = status(Reason.MIGRATION_FAILED, working=False)

    def choose(_side: Scripted, _look: RunObservation) -> Choice:
        return Decision(failed, requires_live_read=True)

    scene = Scene(Scripted(choose))
    await scene.step()

    assert scene.side.looks == [False, True, False]
    assert len(scene.api.writes) == 1


async def test_nothing_to_do_is_nothing_written() -> None:
    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN, requeue_after=7.0)))

    assert await scene.step() == Result(7.0, in_progress=False)
    assert not scene.api.writes
    assert not scene.events


async def test_a_conflict_is_reconciled_again_at_once() -> None:
    wanted = status(Reason.STARTING)
    scene = Scene(Scripted(lambda _side, _look: Decision(wanted)))
    scene.api.objects[Resource.RUN, "shop-1-aa"] = objects.run(version=11)

    await scene.step()

    assert MigrationRunStatus.model_validate(scene.api.objects[Resource.RUN, "shop-1-aa"]["status"]) == wanted


async def test_conflicts_without_end_are_left_for_later() -> None:
    def conflict() -> None:
        raise ConflictError(Request(Verb.REPLACE, Resource.RUN, "shop", "shop-1-aa"), "changed")

    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN, AddFinalizer()), fail=conflict))

    with pytest.raises(ConflictError):
        await scene.step()
    assert len(scene.side.looks) == MAX_CONFLICTS + 1


async def test_a_decision_that_never_rests_is_stopped() -> None:
    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN, AddFinalizer())))

    assert (await scene.step()).requeue_after is not None
    assert len(scene.side.acts) == MAX_PASSES


def refusal() -> None:
    raise ForbiddenError(Request(Verb.CREATE, Resource.JOB, "shop", "x"), "exceeded quota: jobs")


async def test_a_refusal_is_reported_and_tried_again_after_a_pause() -> None:
    def choose(side: Scripted, _look: RunObservation) -> Choice:
        refused = isinstance(scene.rejections.cause(KEY), PendingCause)
        reason = Reason.QUOTA_EXCEEDED if refused else Reason.STARTING
        return Decision(status(reason), ABSENT if side.acts else AddFinalizer())

    scene = Scene(Scripted(choose, fail=refusal))
    rest = await scene.step()
    assert rest.requeue_after is not None
    assert [record.reason for record in scene.events] == ["Starting", "QuotaExceeded"]

    scene.side.fail = lambda: None
    scene.time += rest.requeue_after
    await scene.step()
    assert scene.side.acts == [AddFinalizer()]
    assert scene.rejections.cause(KEY) is ABSENT


async def test_a_namespace_on_its_way_out_is_waited_for() -> None:
    def gone() -> None:
        raise NamespaceTerminatingError(Request(Verb.CREATE, Resource.JOB, "shop", "x"), "terminating")

    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN, AddFinalizer()), fail=gone))

    assert await scene.step() == Result(TERMINATING_PAUSE, in_progress=True)


async def test_a_run_that_is_gone_is_forgotten() -> None:
    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN)), api=FakeClient())

    assert await scene.step() == Result(is_final=True)


@pytest.mark.parametrize("held", [True, False])
async def test_a_run_is_reconciled_periodically_until_it_is_over_and_released(*, held: bool) -> None:
    over = objects.run(status={"outcome": "Migrated"})
    over["metadata"]["finalizers"] = ["releaseflow.dev/outcome"] if held else []
    scene = Scene(
        Scripted(lambda _side, look: Decision(look.parsed.status)), api=FakeClient().having(Resource.RUN, over)
    )

    assert await scene.step() == Result(is_final=not held)


async def test_an_object_that_cannot_be_read_is_reported_once_and_is_no_crash() -> None:
    odd = objects.run(image=None)
    scene = Scene(Scripted(lambda _side, _look: Decision(SEEN)), api=FakeClient().having(Resource.RUN, odd))

    assert await scene.step() == Result()
    assert await scene.step() == Result()
    assert [record.reason for record in scene.events] == ["Unreadable"]
    assert "image" in scene.events[0].note


@pytest.mark.parametrize("error", [ConflictError, ForbiddenError])
async def test_no_error_of_a_status_write_is_taken_for_a_refused_action(error: type[ApiError]) -> None:
    def refuse(request: Request) -> ApiError | None:
        return error(request, "no") if request.verb is Verb.REPLACE else None

    scene = Scene(Scripted(lambda _side, _look: Decision(status(Reason.STARTING))))
    scene.api.refuse = refuse

    with pytest.raises(error):
        await scene.step()
    assert scene.rejections.cause(KEY) is ABSENT

"""Play one plan: set the scene, run the release with its faults, wait for rest, and judge."""

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.launcher.pod import Place, Pod
from tests.faults.plans.catalogue import kind_of
from tests.faults.plans.plan import Fault, Plan
from tests.faults.plans.scenarios import SCENARIOS
from tests.faults.proxy.injector import Injector
from tests.faults.proxy.proxy import Proxy
from tests.faults.proxy.record import Record
from tests.faults.proxy.request import LEADER, ProxiedRequest
from tests.faults.runner.final_state import end_of, left_hanging
from tests.faults.runner.quiescence import Quiescence
from tests.faults.runner.result import Environment, Result
from tests.faults.simulator import objects
from tests.faults.simulator.backups import Backups
from tests.faults.simulator.database import Database
from tests.faults.simulator.history import ChangeEvent, Raw
from tests.faults.simulator.kubelet import Kubelet
from tests.faults.simulator.users import Users

AFTERWARDS_SECONDS = 0.7
"""How long nothing may be written once it is at rest."""
LONGEST_SECONDS, CLEAR_SECONDS = 90.0, 20.0
POLL_SECONDS = 0.1
RESTORED_SECONDS = 3.0
"""When a backup of etcd is put back although nobody writes any more."""
OPERATOR, STANDBY = "operator-0", "operator-1"


class PlanRun:
    """One plan in its own two namespaces."""

    def __init__(self, stage: Environment, plan: Plan, number: int) -> None:
        self.stage, self.plan = stage, plan
        self.scenario = SCENARIOS[plan.scenario]
        self.minds_change = self.scenario.newer_image
        folder = stage.folder / f"p{number}"
        folder.mkdir()
        self.place = Place(f"p{number}", f"p{number}-operator", folder)
        self.history = stage.watcher.open(self.place.namespace, self.place.operator_namespace)
        self.database = Database(applied=list(self.scenario.applied), is_backed_up=self.scenario.has_client)
        self.kubelet = Kubelet(stage.client, self.scenario.fates, self.database)
        home = (self.place.namespace, self.place.operator_namespace)
        self.people = Users(stage.client, self.history, *home, is_gated=self.scenario.is_gated)
        self.record = Record()
        self.proxies: list[Proxy] = []
        self.backups = Backups(stage.plane, stage.watcher, self.record, self.database, self.kubelet, home, self.proxies)
        self.engine = Injector(plan, self._at_wait, noticed=lambda number: self.record.say(f"wait {number}"))
        self.operators: list[Pod] = []
        self.calm = Quiescence(plan, self.record, self.history)
        self.result = Result(
            plan=plan,
            scenario=self.scenario,
            record=self.record,
            engine=self.engine,
            history=self.history,
            database=self.database,
            operators=self.operators,
            namespaces=home,
        )

    async def play(self) -> Result:
        """Play it to its end."""
        began = time.monotonic()
        self.history.listeners += [self.kubelet.on_event, self.calm.on_event, self._mind_changes]
        try:
            await asyncio.gather(self._add_operator(OPERATOR), self._set_scene())
            await self._until(self._somebody_leads)
            if any(kind_of(fault).standby for fault in self.plan.faults):
                await self._add_operator(STANDBY)
            self.engine.running = True
            self.engine.stir()
            path = self.people.path("ReleaseFlow")
            await self.stage.client.create(path, self._flow())
            await self._come_to_rest()
            await self._stop_operators()
            await self._collect()
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._clear(), CLEAR_SECONDS)
        self.result.seconds = time.monotonic() - began
        return self.result

    def _flow(self) -> Raw:
        given = self.scenario
        return objects.flow(
            kind=given.kind,
            has_client=given.has_client,
            has_targets=given.has_targets,
            is_gated=given.is_gated,
        )

    async def _set_scene(self) -> None:
        client, namespace = self.stage.client, self.place.namespace
        for name in (namespace, self.place.operator_namespace):
            await client.create("/api/v1/namespaces", objects.namespace(name))
        await client.create(f"/api/v1/namespaces/{namespace}/secrets", objects.secret())
        workload = objects.workload(self.scenario.kind, self.scenario.progress_seconds)
        await client.create(self.people.path(self.scenario.kind), workload)
        await self._until(self._workload_is_up)
        if self.scenario.is_gated:
            await client.patch(
                self.people.path(self.scenario.kind, objects.NAME), {"metadata": {"labels": objects.GATED}}
            )
            await self.people.set_image(objects.NEW)

    @staticmethod
    async def _until(promise: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not promise():  # noqa: ASYNC110  # the watcher follows everything, and this asks for one thing
                await asyncio.sleep(POLL_SECONDS / 2)

    def _somebody_leads(self) -> bool:
        lease = self.history.get("Lease", LEADER)
        return lease is not None and bool(lease["spec"].get("holderIdentity"))

    def _workload_is_up(self) -> bool:
        found = self.history.get(self.scenario.kind, objects.NAME)
        return found is not None and found.get("status", {}).get("availableReplicas") == 1

    async def _add_operator(self, name: str) -> None:
        operator = Pod(self.stage.launcher, name, {}, self.place.folder_of(name))
        proxy = Proxy(self.stage.operator, self.engine, self.record, operator, self._act)
        await proxy.open()
        operator.environment = self.place.environment(name, proxy.port)
        self.proxies.append(proxy)
        self.operators.append(operator)
        await operator.start()

    def _mind_changes(self, event: ChangeEvent) -> None:
        """Name another image as soon as the migration runs, where the scenario says so."""
        if not self.minds_change or event.kind != "Pod" or not self.database.running:
            return
        self.minds_change = False
        self.engine.spawn(self._people_do("newer-image"))

    async def _at_wait(self, fault: Fault) -> None:
        self.record.fire(fault.what, f"wait {fault.number}")
        match fault.what:
            case "crash":
                await self.operators[0].kill()
            case "frozen":
                await self.operators[0].freeze_for(fault.amount)
            case "away":
                await self.proxies[0].be_away(fault.amount)
            case "blocked":
                await self.operators[0].block_for(fault.amount)
            case "renewals-refused":
                await self.proxies[0].refuse_renewals_for(fault.amount)
            case _:
                await self._act(fault, None)

    async def _act(self, fault: Fault, asked: ProxiedRequest | None) -> None:
        match fault.what:
            case "conflict":
                await self._touch(asked)
            case "restored":
                put_back = await self.backups.take()
                self.engine.after_writes(fault.number + int(fault.amount), put_back, RESTORED_SECONDS)
            case _:
                await self._people_do(fault.what)

    async def _touch(self, asked: ProxiedRequest | None) -> None:
        """Change the very object that a write is about, just before it."""
        if asked is not None and asked.method != "POST":
            self.record.say(await self.people.do_touch(asked.kind, asked.name, asked.namespace))

    async def _people_do(self, act: str) -> None:
        self.record.say(f"somebody: {act}: {await self.people.do(act)}")

    async def _come_to_rest(self) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS + sum(kind_of(fault).seconds for fault in self.plan.faults)
        while time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            if self.calm.is_there() and not self.engine.is_busy:
                self.result.rested = True
                await self._stay_at_rest()
                return
        self.result.hanging = left_hanging(self.history)

    async def _stay_at_rest(self) -> None:
        before = self.record.last_request
        self.record.say("--- at rest")
        await asyncio.sleep(AFTERWARDS_SECONDS)
        self.result.writes_after_rest = sum(one.at > before for one in self.record.writes)

    async def _stop_operators(self) -> None:
        await self.engine.stop()
        self.result.end = end_of(self.history)
        self.result.leader = self.history.get("Lease", LEADER) or {}
        self.result.exit_codes = list(await asyncio.gather(*(operator.stop() for operator in self.operators)))

    async def _collect(self) -> None:
        for operator in self.operators:
            self.record.say(
                f"{operator.name} was killed {operator.kills} times, and ended by itself with {operator.exits}"
            )
        self.result.log = "\n".join(operator.log for operator in self.operators)
        found = await self.stage.client.get(f"/api/v1/namespaces/{self.place.namespace}/events")
        self.result.events = found["items"]

    async def _clear(self) -> None:
        await self.kubelet.stop()
        for operator in self.operators:
            await operator.stop()
        for proxy in self.proxies:
            await proxy.close()
        self.stage.watcher.close(self.place.namespace, self.place.operator_namespace)
        shutil.rmtree(self.place.folder, ignore_errors=True)


async def play(stage: Environment, plan: Plan, number: int) -> Result:
    """Play one plan."""
    return await PlanRun(stage, plan, number).play()

"""What the real process answers a scrape, after a release against the real API server."""

import asyncio
import socket
import subprocess
from dataclasses import dataclass, field

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from typing_extensions import override

from tests.faults.launcher import pod
from tests.faults.plans.plan import Plan
from tests.faults.proxy.request import LEADER
from tests.faults.runner.result import Environment
from tests.faults.runner.run_plan import OPERATOR, STANDBY, PlanRun
from tests.faults.runner.sweep import Sweep
from tests.faults.simulator import objects
from tests.faults.simulator.history import Raw

HANGS_SECONDS = 600
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True)
class Scraped(pod.Place):
    """A place whose operators answer on a port of this machine."""

    ports: dict[str, int] = field(default_factory=dict)

    @override
    def environment(self, name: str, port: int) -> dict[str, str]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.ports[name] = free.getsockname()[1]
        return {**super().environment(name, port), "RELEASEFLOW_PROBE_PORT": str(self.ports[name])}


class Watched(PlanRun):
    """A release under the eyes of Prometheus: at rest, and once the standby has taken over."""

    def __init__(self, stage: Environment) -> None:
        super().__init__(stage, Plan("good"), 0)
        self.place = self.scraped = Scraped(self.place.namespace, self.place.operator_namespace, self.place.folder)
        self.leading: list[str] = []
        """What the leader answered at rest, and the one that followed it."""
        self.standing_by = ""

    @override
    async def _come_to_rest(self) -> None:
        await self._add_operator(STANDBY)
        await super()._come_to_rest()
        self.standing_by = await self._scrape(STANDBY)
        self.leading.append(await self._scrape(OPERATOR))
        await self.operators[0].stop()
        await self._until(lambda: _holder(self.history.get("Lease", LEADER)) == STANDBY)
        self.leading.append(await self._scrape(STANDBY))

    async def _scrape(self, name: str) -> str:
        url = f"http://127.0.0.1:{self.scraped.ports[name]}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()


@pytest.fixture(scope="module")
def watched() -> Watched:
    """Play a release, once."""
    return asyncio.run(_watched())


async def _watched() -> Watched:
    async with Sweep(1) as sweep:
        one = Watched(await sweep.stage_for(1))
        await one.play()
        return one


def _series(text: str) -> Series:
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def _of_flows(series: Series) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    return {key for key in series if key[0].startswith("releaseflow_flow_")}


def _holder(lease: Raw | None) -> str:
    return str((lease or {}).get("spec", {}).get("holderIdentity") or "")


def _named(name: str, /, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_release_is_counted_with_its_steps_and_its_flow_has_metrics(watched: Watched) -> None:
    shown = _series(watched.leading[0])
    place = {"namespace": watched.place.namespace, "name": objects.NAME}

    assert shown[_named("releaseflow_releases_total", outcome="Released")] == 1
    for step in ("Check", "Backup", "Migrate"):
        name = "releaseflow_run_step_duration_seconds_count"
        assert shown[_named(name, step=step, outcome="Succeeded")] == 1
    ready = _named("releaseflow_flow_condition", condition="Ready", status="True", reason="Released", **place)
    assert shown[ready] == 1
    assert shown[_named("releaseflow_flow_backup_size_bytes", **place)] > 0
    assert _named("releaseflow_flow_release_start_timestamp_seconds", **place) not in shown
    assert shown[_named("releaseflow_reconcile_total", controller="releaseflow", result="success")] > 0
    assert shown[_named("releaseflow_api_requests_total", verb="update", resource="releaseflows", code="200")] > 0


@pytest.mark.timeout(HANGS_SECONDS)
def test_a_standby_has_no_metrics_of_flows_until_it_leads_and_counts_nothing_again(watched: Watched) -> None:
    before, after = _series(watched.standing_by), _series(watched.leading[1])

    assert (before[_named("releaseflow_leader")], after[_named("releaseflow_leader")]) == (0, 1)
    assert _of_flows(before) == set()
    assert _of_flows(after) == _of_flows(_series(watched.leading[0])) != set()
    assert after[_named("releaseflow_releases_total", outcome="Released")] == 0


@pytest.mark.timeout(HANGS_SECONDS)
def test_promtool_finds_nothing_to_complain_of(watched: Watched, promtool: str) -> None:

    done = subprocess.run(
        [promtool, "check", "metrics"], input=watched.leading[0].encode(), capture_output=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")

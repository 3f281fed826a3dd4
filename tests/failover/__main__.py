"""Measure the fail-over time of the leader: `make failover`, or python -m tests.failover --help."""

import argparse
import asyncio
import signal
import sys
import time

from tests.bench.results import Measurement, Report
from tests.bench.statistic import spread
from tests.failover.environment import Environment, environment
from tests.faults.controlplane.programs import NoProgramsError, kube
from tests.faults.launcher.launchers import Child
from tests.faults.simulator.objects import NEW

MOST_AFTER_A_KILL, MOST_AFTER_A_STOP, MOST_TO_RESTART = 20.0, 1.0, 3.0
"""Seconds."""


def main(words: list[str]) -> int:
    """Measure, print, and return 0 where every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.failover", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="handovers of each kind (default: 10)")
    parser.add_argument("--flows", type=int, default=1000, help="flows of the operator that restarts (default: 1000)")
    parser.add_argument("--restarts", type=int, default=5, help="how often it restarts (default: 5)")
    chosen = parser.parse_args(words)
    report = Report()
    try:
        kube()
        asyncio.run(_measured(chosen, report))
    except NoProgramsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0 if report.all_met() else 1


async def _measured(chosen: argparse.Namespace, report: Report) -> None:
    for number, goal in ((signal.SIGTERM, MOST_AFTER_A_STOP), (signal.SIGKILL, MOST_AFTER_A_KILL)):
        async with environment() as here:
            times = await _handovers(here, number, chosen.rounds)
        found = spread(times)
        note = f"the longest of {found.count}, median {found.median:.2f}: until the next leader's first step"
        report.add(Measurement(f"{number.name} of the leader", found.most, "s", goal, 2, note))
    async with environment() as here:
        times = await _restarts(here, chosen.flows, chosen.restarts)
    found = spread(times)
    note = f"median of {found.count} ({found.least:.2f}-{found.most:.2f}): from the process's start, imports and all"
    report.add(Measurement(f"first step with {chosen.flows} flows", found.median, "s", MOST_TO_RESTART, 2, note))


async def _handovers(here: Environment, number: signal.Signals, rounds: int) -> list[float]:
    """Return for each round the seconds from the signal until the next leader takes up what is asked for meanwhile."""
    flows = await here.set_scene(rounds)
    leader = await here.start("operator-0")
    await here.leads("operator-0")
    times = []
    for turn, flow in enumerate(flows, start=1):
        following = await here.start(f"operator-{turn}")
        await here.stands_by(f"operator-{turn}")
        times.append(await _handed_over(here, leader, number, flow))
        print(f"  {number.name} {turn}: {times[-1]:.2f} s", file=sys.stderr, flush=True)
        leader = following
    return times


async def _handed_over(here: Environment, leader: Child, number: signal.Signals, flow: str) -> float:
    step = asyncio.create_task(here.first_step(flow, NEW))
    began = time.monotonic()
    leader.send(number)
    await leader.ended
    await here.ask_for(flow, NEW)
    return await step - began


async def _restarts(here: Environment, count: int, restarts: int) -> list[float]:
    """Return for each restart the seconds from the process's start until it takes up what was asked for meanwhile."""
    flows = await here.set_scene(count)
    times = []
    for turn, flow in enumerate(flows[-restarts:], start=1):
        await here.ask_for(flow, NEW)
        step = asyncio.create_task(here.first_step(flow, NEW))
        began = time.monotonic()
        operator = await here.start(f"operator-{turn}")
        times.append(await step - began)
        print(f"  restart {turn}: {times[-1]:.2f} s", file=sys.stderr, flush=True)
        operator.send(signal.SIGTERM)
        await operator.ended
    return times


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

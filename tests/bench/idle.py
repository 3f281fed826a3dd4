"""Parts idle and memory: flows at rest, what they make the operator write, and how much memory they take."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from functools import partial

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import name_of
from tests.bench.environment import Cluster, Environment, environment
from tests.bench.installed import Meter, metered, resident_mebibytes
from tests.bench.objects import IMAGES, ONE_JOB, deployment, flow, is_released
from tests.bench.observer import Observation, Observer
from tests.bench.options import Options
from tests.bench.process import Process
from tests.bench.progress import say
from tests.bench.results import Measurement, Report
from tests.support.objects import DEPLOYMENT

FEW_FLOWS = 10
AT_ONCE = 10
MOST_MEMORY = 110.0
SETTLED_SECONDS = 10


async def idle(cluster: Cluster, choices: Options, report: Report) -> None:
    """Let some flows be released, then look whether anything is written while nothing happens."""
    async with environment(cluster, "idle") as place, AsyncExitStack() as stack:
        meter = Meter(cluster, await stack.enter_async_context(metered(cluster)), place.namespace)
        await at_rest(place, FEW_FLOWS)
        await asyncio.sleep(SETTLED_SECONDS)
        say(f"  {FEW_FLOWS} flows at rest for {choices.idle_seconds} s")
        await meter.start()
        await asyncio.sleep(choices.idle_seconds)
        sent = await meter.stop()
    per_flow = sent.writes * 60 / sent.seconds / FEW_FLOWS
    note = f"{FEW_FLOWS} flows, {sent.seconds:.0f} s, {sent.writes} writes, {sent.requests} requests in all"
    report.add(Measurement("idle: writes a minute for each flow", per_flow, "", 0.0, 2, note, sent.disturbed))


async def memory(cluster: Cluster, choices: Options, report: Report) -> None:
    """Let many flows be released, then weigh the leader, and a fresh process beside it."""
    async with environment(cluster, "memory") as place:
        await at_rest(place, choices.flows)
        await asyncio.sleep(SETTLED_SECONDS)
        leading = await resident_mebibytes(cluster)
        async with Process(place.namespace) as fresh:
            await fresh.ready()
            await asyncio.sleep(SETTLED_SECONDS)
            beside = fresh.resident_mebibytes()
    note = f"{choices.flows} released flows at rest; the pod that leads, with all it has done before"
    report.add(
        Measurement("memory: of the leader", leading, "MiB", MOST_MEMORY, 1, note),
        Measurement("memory: of a fresh process that serves them alone", beside, "MiB", MOST_MEMORY, 1),
    )


async def at_rest(place: Environment, count: int) -> None:
    """Have flows that are released over Deployments without pods; each cost one check, and each has its own lock."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shop-db"}, "stringData": {"url": "none"}}
    await place.run("apply", "--filename=-", document=secret)
    async with Observer(place.kube, {Resource.FLOW: place.namespace}) as observer:
        for first in range(0, count, AT_ONCE):
            names = [f"flow-{number}" for number in range(first, min(first + AT_ONCE, count))]
            began = time.monotonic()
            for name in names:
                await place.create(DEPLOYMENT, deployment(name, IMAGES[0], replicas=0))
                await place.create(Resource.FLOW, flow(name, IMAGES[0], ONE_JOB, lock_key=name))
            await _all_released(observer, names, began)
            say(f"  {first + len(names)} of {count} flows are released")


async def _all_released(observer: Observer, names: Iterable[str], began: float) -> None:
    for name in names:
        await observer.first(partial(_is_released, name), began, what=name)


def _is_released(name: str, seen: Observation) -> bool:
    return name_of(seen.raw) == name and is_released(seen.raw, IMAGES[0])

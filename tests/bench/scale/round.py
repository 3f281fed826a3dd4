"""One round: so many flows adopted, at rest, and then all released at once."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.bench.process import Process
from tests.bench.progress import say
from tests.bench.scale.environment import CROWDED, OPERATORS, QUIET, Environment, stage
from tests.bench.statistic import percentile
from tests.faults.simulator.objects import NEW, OLD

SETTLED_SECONDS = 15.0
PROBES = 3
"""Flows in another namespace that are released one after the other meanwhile."""
_RENEWED = (Verb.REPLACE.metric_label, Resource.LEASE.singular, True)
"""How the leader's Lease is counted."""


@dataclass(frozen=True)
class Scale:
    """How large a round is."""

    flows: int
    finished_runs: int
    rest_seconds: float

    @property
    def words(self) -> str:
        """Say it."""
        runs = f" beside {self.finished_runs:,} finished runs" if self.finished_runs else ""
        return f"{self.flows:,} flows{runs}"


@dataclass(frozen=True)
class Measured:
    """What a round showed."""

    scale: Scale
    seconds: float
    """From the first order until all are ready."""
    cpu_seconds: float
    requests: int
    writes: int
    p50: float
    p99: float
    most_mebibytes: float
    rest_percent: float
    rest_writes: int
    rest_requests: int
    other_namespace_seconds: float
    """Longest time from an order in another namespace to the first step."""

    @property
    def cpu_milliseconds_a_flow(self) -> float:
        """CPU time of the operator for each flow."""
        return self.cpu_seconds * 1000 / (self.scale.flows + PROBES)

    @property
    def requests_a_flow(self) -> float:
        """Requests of the operator for each flow, Events and its leader's Lease included."""
        return self.requests / (self.scale.flows + PROBES)


async def measured(scale: Scale) -> Measured:
    """Play one round on a control plane of its own."""
    async with stage() as here:
        names = [f"shop-{number}" for number in range(scale.flows)]
        probes = [f"probe-{number}" for number in range(PROBES)]
        await here.add_finished_runs(scale.finished_runs)
        await here.add_flows(QUIET, probes)
        await here.add_flows(CROWDED, names)
        say(f"  {scale.words}: {len(names)} flows and {scale.finished_runs} finished runs are there")
        environment = {"KUBECONFIG": str(here.kubeconfig), "RELEASEFLOW_NAMESPACES": f"{CROWDED},{QUIET}"}
        async with Process(OPERATORS, **environment) as operator:
            await here.all_ready(CROWDED, names, OLD)
            await here.all_ready(QUIET, probes, OLD)
            say(f"  all are adopted; at rest for {SETTLED_SECONDS + scale.rest_seconds:.0f} s")
            await asyncio.sleep(SETTLED_SECONDS)
            return await _round(scale, here, operator, names, probes)


async def _round(scale: Scale, here: Environment, operator: Process, names: list[str], probes: list[str]) -> Measured:
    cpu, sent = operator.processor_seconds(), await operator.requests()
    await asyncio.sleep(scale.rest_seconds)
    rest_cpu, rest = operator.processor_seconds() - cpu, await operator.requests() - sent

    say(f"  all {len(names)} flows are released at once")
    cpu, sent, began = operator.processor_seconds(), await operator.requests(), time.monotonic()
    asking = asyncio.create_task(here.release(CROWDED, names, NEW))
    other = [await _first_step(here, probe) for probe in probes]
    asked = await asking
    await here.all_ready(CROWDED, names, NEW)
    await here.all_ready(QUIET, probes, NEW)
    took = [here.ready_at[CROWDED, name, NEW] - asked[name] for name in names]
    spent = await operator.requests() - sent
    return Measured(
        scale,
        seconds=max(here.ready_at[CROWDED, name, NEW] for name in names) - began,
        cpu_seconds=operator.processor_seconds() - cpu,
        requests=sum(spent.values()),
        writes=_writes(spent),
        p50=percentile(took, 50),
        p99=percentile(took, 99),
        most_mebibytes=operator.most_resident_mebibytes(),
        rest_percent=100 * rest_cpu / scale.rest_seconds,
        rest_writes=_writes(rest) - rest[_RENEWED],
        rest_requests=sum(rest.values()),
        other_namespace_seconds=max(other),
    )


async def _first_step(here: Environment, probe: str) -> float:
    """Release a flow of another namespace while the crowd is at work; returns the seconds to its first step."""
    await asyncio.sleep(2.0)
    asked = (await here.release(QUIET, [probe], NEW))[probe]
    await here.has_begun(QUIET, probe, NEW)
    return here.began_at[QUIET, probe, NEW] - asked


def _writes(sent: Counter[tuple[str, str, bool]]) -> int:
    return sum(count for (_, _, writes), count in sent.items() if writes)

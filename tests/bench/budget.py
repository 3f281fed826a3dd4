"""Part requests: what a release with all three Jobs asks of the API server, by the operator's own counters."""

from contextlib import AsyncExitStack

from releaseflow.kube.resources import Resource
from tests.bench.environment import Cluster, environment
from tests.bench.installed import Meter, Sent, metered
from tests.bench.observer import Observer
from tests.bench.options import Options
from tests.bench.progress import say
from tests.bench.releases import Releases
from tests.bench.results import Measurement, Report

RELEASES = 3
WRITES, REQUESTS = 20, 50


async def requests(cluster: Cluster, _choices: Options, report: Report) -> None:
    """Release some times, and take the dearest of those that nobody disturbed."""
    async with environment(cluster, "requests") as place, AsyncExitStack() as stack:
        kinds = dict.fromkeys((Resource.FLOW, Resource.RUN, Resource.JOB), place.namespace)
        observer = await stack.enter_async_context(Observer(cluster.kube, kinds))
        meter = Meter(cluster, await stack.enter_async_context(metered(cluster)), place.namespace)
        releases = Releases(place, observer, replicas=1)
        await releases.begin()
        sent: list[Sent] = []
        for _ in range(RELEASES):
            await meter.start()
            await releases.next()
            sent.append(await meter.stop())
            say(f"  {sent[-1].writes} writes, {sent[-1].requests} requests: {_listed(sent[-1])} {sent[-1].disturbed}")
        _tell(sent, report)


def _tell(sent: list[Sent], report: Report) -> None:
    calm = [one for one in sent if not one.disturbed]
    dearest = max(calm or sent, key=lambda one: one.requests)
    note = f"the dearest of {len(calm)} undisturbed releases; without Events and renewals of the leader's Lease"
    report.add(
        Measurement(
            "requests: writes of a release with three Jobs", dearest.writes, "", WRITES, 0, note, dearest.disturbed
        ),
        Measurement("requests: all requests of it", dearest.requests, "", REQUESTS, 0, note, dearest.disturbed),
    )
    print(f"{_listed(dearest)}\n(with the renewals of the leader's Lease: each a get and a replace)\n")


def _listed(sent: Sent) -> str:
    return ", ".join(f"{count} {what}" for what, count in sent.by_verb.items())

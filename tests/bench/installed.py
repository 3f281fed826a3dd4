"""The operator as it is installed: who leads, what it sent, how much memory it has."""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass

from releaseflow.kube.leader_election.lease import LEASE
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import get_str, name_of, namespace_of
from tests.bench.counts import Counts, counted
from tests.bench.environment import Cluster
from tests.bench.observer import Observation, Observer
from tests.e2e.stories.installation import NAMESPACE

_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


@dataclass(frozen=True)
class Sent:
    """What was sent in a window of time, without Events and without the renewals of the leader's Lease."""

    writes: int
    requests: int
    by_verb: dict[str, int]
    seconds: float
    disturbed: str
    """Why the numbers are not those of the benchmark alone, where they are not."""


class Meter:
    """Reads the leader's counters twice, each time right behind a renewal of its Lease, so that these can be told."""

    def __init__(self, cluster: Cluster, observer: Observer, namespace: str) -> None:
        self._cluster = cluster
        self._witness = observer
        self._namespace = namespace
        self._began = self._renewed = 0.0
        self._counts: Counts = Counter()
        self._leader = ""

    async def start(self) -> None:
        """Begin to count."""
        self._leader = await leader(self._cluster)
        self._renewed = await self._renewal()
        self._counts = await counts(self._cluster, self._leader)
        self._began = time.monotonic()

    async def stop(self) -> Sent:
        """Return what was sent since the start."""
        end = await self._renewal()
        sent = await counts(self._cluster, self._leader)
        sent.subtract(self._counts)
        window = [seen for seen in self._witness.since(self._renewed) if seen.at <= end]
        renewals = sum(_is_renewal(seen) for seen in window) - 1
        found = {key: count for key, count in sent.items() if count and key[1] != "Event"}
        return Sent(
            writes=sum(count for (_, _, writes), count in found.items() if writes) - renewals,
            requests=sum(found.values()) - 2 * renewals,
            by_verb={f"{verb} {kind}": count for (verb, kind, _), count in sorted(found.items())},
            seconds=time.monotonic() - self._began,
            disturbed=await self._disturbance(window),
        )

    async def _renewal(self) -> float:
        return (await self._witness.first(_is_renewal, time.monotonic(), 30, "a renewal of the leader's Lease")).at

    async def _disturbance(self, window: list[Observation]) -> str:
        """Say who else used the operator meanwhile, or that another leads now."""
        if await leader(self._cluster) != self._leader:
            return "another pod leads now"
        others = {namespace_of(s.raw) for s in window if s.kind in {Resource.FLOW, Resource.RUN}} - {self._namespace}
        return f"others used the operator meanwhile, in {len(others)} namespaces" if others else ""


def metered(cluster: Cluster) -> Observer:
    """Return an observer of all that a meter asks about."""
    return Observer(cluster.kube, {Resource.FLOW: "", Resource.RUN: "", Resource.LEASE: NAMESPACE})


async def counts(cluster: Cluster, pod: str) -> Counts:
    """Return how many requests a pod has sent since it started, by verb and kind.

    Quick, since between two renewals of the Lease there are two seconds.
    """
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:8080/proxy/metrics"
    transport = cluster.kube.transport
    prepared = await transport.param_serialize("GET", path, auth_settings=["BearerToken"])
    answer = await transport.call_api(*prepared, _request_timeout=10)
    return counted((await answer.read()).decode())


async def leader(cluster: Cluster) -> str:
    """Return the name of the pod that leads."""
    return get_str(await cluster.kube.get(Resource.LEASE, NAMESPACE, LEASE), "spec", "holderIdentity")


async def resident_mebibytes(cluster: Cluster) -> float:
    """Return the resident memory of the leader's process."""
    status = cluster.kubectl.within(NAMESPACE)("exec", await leader(cluster), "--", "cat", "/proc/1/status")
    found = _RESIDENT.search(status)
    assert found, f"the leader's process says nothing of its memory: {json.dumps(status[:200])}"
    return int(found[1]) / 1024


def _is_renewal(seen: Observation) -> bool:
    return seen.kind is Resource.LEASE and name_of(seen.raw) == LEASE

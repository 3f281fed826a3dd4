"""Part reaction: from the end of a step's containers on the wire to the operator's next write."""

import json
import math
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import get_int, get_str, name_of
from tests.bench.environment import Cluster, Environment, environment
from tests.bench.observer import Observation, Observer
from tests.bench.options import Options
from tests.bench.progress import load, say
from tests.bench.releases import Releases
from tests.bench.results import Measurement, Report
from tests.bench.statistic import percentile, spread
from tests.bench.timeline import containers_have_ended

JOBS_OF_A_RELEASE = 3
GOAL_HALF, GOAL_MOST = 5.0, 25.0
BUSY = 25.0
"""Milliseconds of a write alone beyond which its subtraction would hide what is measured."""


@dataclass(frozen=True)
class Reaction:
    """The end of a step's containers, and the operator's next write."""

    step: str
    milliseconds: float


async def reaction(cluster: Cluster, choices: Options, report: Report) -> None:
    """Release until there are enough samples; the time that a write itself needs is measured beside, and taken off."""
    async with environment(cluster, "reaction") as place, AsyncExitStack() as stack:
        kinds = dict.fromkeys((Resource.FLOW, Resource.RUN, Resource.POD), place.namespace)
        observer = await stack.enter_async_context(Observer(cluster.kube, kinds))
        releases = Releases(place, observer, replicas=0)
        await releases.begin()
        began = time.monotonic()
        own: list[float] = []
        wanted = math.ceil(choices.samples / JOBS_OF_A_RELEASE)
        for done in range(1, wanted + 1):
            await releases.next()
            own += [await _own_write(place, observer) for _ in range(JOBS_OF_A_RELEASE)]
            say(f"  release {done} of {wanted} (load {load():.1f})")
        _tell(reactions(observer.observations, began), own, report)


def reactions(observations: list[Observation], since: float = 0.0) -> list[Reaction]:
    """Return, for each pod whose containers were seen to end, the time until its run was seen to be written.

    Args:
        observations: All that was seen; a pod that had ended before is seen once more when it goes.
        since: Ends before this moment do not count.
    """
    found = []
    ended: set[str] = set()
    for seen in observations:
        name = name_of(seen.raw)
        if seen.kind is not Resource.POD or name in ended or not containers_have_ended(seen.raw):
            continue
        ended.add(name)
        if seen.at < since:
            continue
        written = next((later for later in observations if _tells_of(later, seen)), None)
        if written is not None:
            step = get_str(seen.raw, "metadata", "labels", "releaseflow.dev/step")
            found.append(Reaction(step, (written.at - seen.at) * 1000))
    return found


def _tells_of(later: Observation, end: Observation) -> bool:
    """Whether it is the pod's run, written after its containers ended: versions count all writes in one row."""
    run = get_str(end.raw, "metadata", "labels", "releaseflow.dev/run")
    newer = get_int(later.raw, "metadata", "resourceVersion") > get_int(end.raw, "metadata", "resourceVersion")
    return later.is_of(Resource.RUN, run) and newer


async def _own_write(place: Environment, observer: Observer) -> float:
    """Return the milliseconds that a write like the operator's needs until the observer sees it."""
    runs = (seen for seen in observer.observations if seen.kind is Resource.RUN)
    run = max(runs, key=lambda seen: get_str(seen.raw, "metadata", "creationTimestamp"))
    value = json.dumps(time.monotonic())
    began = time.monotonic()
    change = {"metadata": {"annotations": {"bench": value}}}
    await place.kube.merge_patch(Resource.RUN, place.namespace, name_of(run.raw), change)
    seen = await observer.first(
        lambda seen: seen.kind is Resource.RUN and get_str(seen.raw, "metadata", "annotations", "bench") == value, began
    )
    return (seen.at - began) * 1000


def _tell(found: list[Reaction], own: list[float], report: Report) -> None:
    seen = [one.milliseconds for one in found]
    write = spread(own).median
    reacted = [max(0.0, value - write) for value in seen]
    for step in ("Check", "Backup", "Migrate"):
        times = [one.milliseconds for one in found if one.step == step]
        if times:
            note = f"{len(times)} samples, p99 {percentile(times, 99):.1f} ms"
            report.add(
                Measurement(f"reaction: {step} ended, next write seen, p50", percentile(times, 50), "ms", None, 1, note)
            )
    note = f"a write like it, p50 of {len(own)}; p99 {percentile(own, 99):.1f} ms"
    samples = f"{len(reacted)} samples; without the time of the write itself"
    busy = f"a mere write takes {write:.0f} ms: measure on a quieter machine" if write > BUSY else ""
    report.add(
        Measurement("reaction: until the next write is seen, p50", percentile(seen, 50), "ms", None, 1),
        Measurement("reaction: until the next write is seen, p99", percentile(seen, 99), "ms", None, 1),
        Measurement("reaction: of which the write itself", write, "ms", None, 1, note),
        Measurement("reaction: p50", percentile(reacted, 50), "ms", GOAL_HALF, 1, samples, busy),
        Measurement("reaction: p99", percentile(reacted, 99), "ms", GOAL_MOST, 1, samples, busy),
    )

"""Part gate: ReleaseFlow beside a watcher of Jobs and beside Helm's hooks, in turn, in one run."""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from releaseflow.api.v1alpha1.metadata import MANAGED_LABEL
from releaseflow.kube.resources import Resource
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Rollout
from tests.bench.baselines import BareWatcher, Baseline, Helm, ReleaseFlow
from tests.bench.environment import Cluster, Environment, environment
from tests.bench.objects import IMAGES, ONE_JOB, THREE_JOBS, deployment, has_image
from tests.bench.observer import Observation, Observer
from tests.bench.options import Options
from tests.bench.progress import load, say
from tests.bench.results import Measurement, Report, table
from tests.bench.statistic import ratios, spread
from tests.bench.templates import templates
from tests.bench.timeline import Timing, timing
from tests.support.objects import DEPLOYMENT

CALM_SECONDS = 4.0
"""Pause behind each release, so that none begins in the noise of the one before: Jobs get their condition, locks go."""

COMPLETE, UNCHANGED = "complete", "unchanged"
"""Names of the flows: one that checks, backs up, migrates and reports each time, and one with nothing pending."""
COMPARED = (
    (COMPLETE, "watcher", 0.65, "a complete release by a bare watcher of the same Jobs"),
    (COMPLETE, "helm", 1.0, "a complete release by helm upgrade with two hooks that do nothing"),
    (UNCHANGED, "helm", 0.35, "a release with nothing pending by helm upgrade with two hooks that do nothing"),
)
"""What is held against what, with its goal."""

Timings = dict[str, list[Timing]]


async def gate(cluster: Cluster, choices: Options, report: Report) -> None:
    """Measure all in turn, and compare them round by round."""
    async with environment(cluster, "gate") as place, AsyncExitStack() as stack:
        await place.start_database()
        kinds = dict.fromkeys((Resource.FLOW, Resource.JOB, Resource.POD, DEPLOYMENT), place.namespace)
        observer = await stack.enter_async_context(Observer(cluster.kube, kinds))
        jobs = await stack.enter_async_context(Observer(cluster.kube, {Resource.JOB: place.namespace}))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="releaseflow-bench-")))
        ways = await _set_up(place, observer, jobs, folder)
        timings: Timings = {way.name: [] for way in ways}
        typed: list[float] = []
        for number in range(choices.rounds + 1):
            for way in ways[number % len(ways) :] + ways[: number % len(ways)]:
                took = await _one(way, observer, number)
                timings[way.name] += [took] if number else []
            typed += [await _typed_order(place)] if number else []
        _tell(timings, spread(typed).median, report)


async def _set_up(place: Environment, observer: Observer, jobs: Observer, folder: Path) -> list[Baseline]:
    """Let ReleaseFlow make its first releases, and take the Jobs of the watcher from the one that migrates."""
    say("  the first releases, whose Jobs the watcher runs too")
    complete = ReleaseFlow(place, observer, THREE_JOBS, COMPLETE)
    await complete.set_up()
    made = (await place.kube.list_objects(Resource.JOB, place.namespace, MANAGED_LABEL)).items
    unchanged = ReleaseFlow(place, observer, ONE_JOB, UNCHANGED)
    await unchanged.set_up()
    (folder / "chart").mkdir()
    helm = Helm(place, folder / "chart")
    await helm.set_up()
    watcher = BareWatcher(place, jobs, templates(made, IMAGES[0]))
    await place.create(DEPLOYMENT, deployment(watcher.name, IMAGES[0]))
    for name in (watcher.name, helm.name):
        await place.run("rollout", "status", f"deployment/{name}", "--timeout=120s")
    return [complete, watcher, helm, unchanged]


async def _one(way: Baseline, observer: Observer, number: int) -> Timing:
    """Let one way release once, and wait until the cluster is quiet again."""
    image = IMAGES[(number + 1) % len(IMAGES)]
    ordered = time.monotonic()
    await way.release(image, f"{way.name}-{number}")
    patched = await observer.first(
        lambda seen: seen.is_of(DEPLOYMENT, way.name) and has_image(seen.raw, image), ordered, what=image
    )
    rolled_out = await observer.first(
        lambda seen: _is_rolled_out(seen, way.name, image), patched.at, what="the rollout"
    )
    took = timing(observer.since(ordered), ordered, patched.at, rolled_out.at)
    what = f"  round {number or 'to warm up'}: {way.name:<12}"
    await asyncio.sleep(CALM_SECONDS)
    say(f"{what}{took.patched:6.2f} s, outside of Jobs {took.outside * 1000:5.0f} ms (load {load():.1f})")
    return took


async def _typed_order(place: Environment) -> float:
    """Return the seconds that kubectl needs for the write that orders a release; this one changes nothing."""
    began = time.monotonic()
    await place.run("patch", "releaseflow", COMPLETE, "--type=merge", '--patch={"spec":{"suspend":false}}')
    return time.monotonic() - began


def _is_rolled_out(seen: Observation, name: str, image: str) -> bool:
    if not seen.is_of(DEPLOYMENT, name) or not has_image(seen.raw, image):
        return False
    return WORKLOADS["Deployment"].rollout(seen.raw).rollout is Rollout.COMPLETE


def _tell(timings: Timings, typed: float, report: Report) -> None:
    rows = [(name, *(_cell(taken, what) for what in _COLUMNS)) for name, taken in timings.items()]
    print(table(("median (range), s", *_COLUMNS), rows))
    patched = {name: [one.patched for one in taken] for name, taken in timings.items()}
    for ours, other, goal, what in COMPARED:
        paired = spread(ratios(patched[ours], patched[other]))
        medians = spread(patched[ours]).median / spread(patched[other]).median
        note = f"median of {paired.count} rounds ({paired.least:.3f}-{paired.most:.3f}); of the medians {medians:.3f}"
        report.add(Measurement(f"gate: {what}", paired.median, "", goal, 2, note))
    note = "on top, where a person types the order; Helm has it in its time"
    report.add(Measurement("gate: kubectl patch", typed, "s", None, 2, note))


_COLUMNS = {
    "image set": lambda one: one.patched,
    "rolled out": lambda one: one.rolled_out,
    "to the first Job": lambda one: one.first_job,
    "pods start": lambda one: one.starting,
    "containers run": lambda one: one.running,
    "between Jobs": lambda one: one.between,
    "to the image": lambda one: one.last,
}


def _cell(taken: list[Timing], what: str) -> str:
    found = spread([_COLUMNS[what](one) for one in taken])
    return f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})"

"""Part start: from the start of the operator's process until it says that it is ready."""

from tests.bench.environment import Cluster, environment
from tests.bench.options import Options
from tests.bench.process import Process
from tests.bench.progress import load, say
from tests.bench.results import Measurement, Report
from tests.bench.statistic import spread

MOST_SECONDS = 1.5


async def start(cluster: Cluster, choices: Options, report: Report) -> None:
    """Start the operator some times, one after the other, in a namespace without flows."""
    times, processor = [], []
    async with environment(cluster, "start") as place:
        for number in range(choices.rounds + 1):
            async with Process(place.namespace) as process:
                took = await process.ready()
                used = process.processor_seconds()
            say(f"  start {number or 'to warm up'}: ready after {took:.2f} s, {used:.2f} s of CPU (load {load():.1f})")
            times += [took] if number else []
            processor += [used] if number else []
    found = spread(times)
    note = f"median of {found.count} ({found.least:.2f}-{found.most:.2f}); python -m releaseflow, its bytecode cached"
    report.add(
        Measurement("start: process start to ready", found.median, "s", MOST_SECONDS, 2, note),
        Measurement("start: CPU time of it", spread(processor).median, "s", None, 2, "varies less on a busy machine"),
    )

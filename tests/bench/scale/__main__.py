"""Measure what flows cost when there are many: `make scale`, or python -m tests.bench.scale --help."""

import argparse
import asyncio
import os
import sys

from releaseflow.cache.resync import RESYNC_PERIOD
from tests.bench.progress import load, say
from tests.bench.results import Measurement, Report
from tests.bench.scale.round import Measured, Scale, measured
from tests.faults.controlplane.programs import NoProgramsError, kube

MOST_SECONDS, MOST_MEBIBYTES, MOST_CPU, MOST_GROWTH = 240.0, 256.0, 150.0, 1.2
MOST_AT_REST, MOST_FOR_ANOTHER_NAMESPACE = 1.0, 5.0
"""Percent of a core; seconds."""


def main(words: list[str]) -> int:
    """Measure, print, and return 0 where every goal is met."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.scale",
        description="Adopts flows on a real API server with real controllers and a fake kubelet, lets them rest, and "
        "releases all at once with three Jobs each.",
    )
    parser.add_argument("--flows", default="50,1000", metavar="N,N", help="a round for each (default: 50,1000)")
    parser.add_argument(
        "--finished-runs", type=int, default=10_000, metavar="N", help="one more round beside so many; 0: none"
    )
    parser.add_argument(
        "--rest-seconds",
        type=float,
        default=RESYNC_PERIOD,
        metavar="S",
        help="how long rest is measured (default: 300, a listing)",
    )
    chosen = parser.parse_args(words)
    counts = [int(count) for count in chosen.flows.split(",")]
    scales = [Scale(count, 0, chosen.rest_seconds) for count in counts]
    if chosen.finished_runs:
        scales.append(Scale(max(counts), chosen.finished_runs, chosen.rest_seconds))
    try:
        kube()
    except NoProgramsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores with everything on them, load {load():.1f} before the start\n", flush=True)
    report = Report()
    _compare([_round(scale, report) for scale in scales], report)
    print("All figures with a goal:\n\n" + report.summary())
    return 0 if report.all_met() else 1


def _round(scale: Scale, report: Report) -> Measured:
    say(f"==> {scale.words}")
    found = asyncio.run(measured(scale))
    name = scale.words
    took = f"p50 {found.p50:.1f} s, p99 {found.p99:.1f} s"
    sent = f"{found.requests_a_flow:.1f} requests a flow, {found.writes / scale.flows:.1f} of them writes"
    report.add(
        Measurement(f"{name}: all released", found.seconds, "s", MOST_SECONDS, 1, took),
        Measurement(f"{name}: CPU a flow", found.cpu_milliseconds_a_flow, "ms", MOST_CPU, 0, sent),
        Measurement(f"{name}: memory at most", found.most_mebibytes, "MiB", MOST_MEBIBYTES, 0),
        Measurement(
            f"{name}: CPU at rest", found.rest_percent, "%", MOST_AT_REST, 2, f"{found.rest_requests} requests"
        ),
        Measurement(f"{name}: writes at rest", found.rest_writes, "", 0.0, 0),
        Measurement(
            f"{name}: first step in another namespace",
            found.other_namespace_seconds,
            "s",
            MOST_FOR_ANOTHER_NAMESPACE,
            2,
        ),
    )
    return found


def _compare(rounds: list[Measured], report: Report) -> None:
    """Hold the CPU time for each flow against that of the smallest round."""
    least = min(rounds, key=lambda one: one.scale.flows)
    for one in rounds:
        if one is not least:
            growth = one.cpu_milliseconds_a_flow / least.cpu_milliseconds_a_flow
            report.add(
                Measurement(f"{one.scale.words}: CPU a flow by that of {least.scale.words}", growth, "", MOST_GROWTH)
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

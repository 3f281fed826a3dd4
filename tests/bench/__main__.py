"""Measure, print the figures beside their goals, and clean up: `make bench`, or `python -m tests.bench --help`."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from releaseflow.kube.client import Client
from releaseflow.kube.connection import connection
from releaseflow.reporting.logs import LogFormat, configure_logs
from tests.bench.backup import NoRoomError, backup, require_room
from tests.bench.budget import requests
from tests.bench.environment import Cluster
from tests.bench.gate import gate
from tests.bench.idle import idle, memory
from tests.bench.latency import reaction
from tests.bench.options import Options
from tests.bench.progress import load, say
from tests.bench.results import Report
from tests.bench.start import start
from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.installation import alone, install
from tests.support.postgresql import program

Part = Callable[[Cluster, Options, Report], Awaitable[None]]
PARTS: dict[str, Part] = {part.__name__: part for part in (gate, reaction, requests, idle, start, memory)}
"""What is measured on a cluster."""
ALONE = backup.__name__
"""What is measured without one."""


def main(arguments: list[str]) -> int:
    """Run the chosen parts; return the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    parts = chosen.parts or [ALONE, *PARTS]
    choices = Options(chosen.rounds, chosen.samples, chosen.flows, chosen.idle_seconds, chosen.pairs, chosen.megabytes)
    on_cluster = [part for part in parts if part in PARTS]
    kubectl = _kubectl(parser) if on_cluster else ""
    report = Report()
    noisy = "more than 1 before the start means a noisy machine"
    print(f"{os.cpu_count()} cores, load {load():.1f}: {noisy}\n", flush=True)
    if ALONE in parts:
        _run_alone(parser, choices, report)
    if on_cluster:
        _run_on_cluster(kubectl, on_cluster, choices, report, as_installed=chosen.as_installed)
    print("All figures with a goal:\n\n" + report.summary())
    return 0 if report.all_met() or not chosen.strict else 1


def _run_alone(parser: argparse.ArgumentParser, choices: Options, report: Report) -> None:
    try:
        program("postgres")
        require_room(choices.megabytes)
    except (FileNotFoundError, NoRoomError) as error:
        parser.error(str(error))
    with _announced(backup):
        backup(choices, report)


def _kubectl(parser: argparse.ArgumentParser) -> str:
    kubectl = shutil.which("kubectl")
    if not os.environ.get("KUBECONFIG") or kubectl is None or shutil.which("helm") is None:
        parser.error('no cluster is named, or kubectl or helm is missing: eval "$(tools/cluster/cluster env helm)"')
    return kubectl


def _run_on_cluster(kubectl: str, parts: list[str], choices: Options, report: Report, *, as_installed: bool) -> None:
    configure_logs(LogFormat.AUTO, "warning")
    with tempfile.TemporaryDirectory(prefix="releaseflow-bench-") as cache:
        tool = Kubectl(kubectl, Path(cache))
        if not as_installed:
            say("installing the operator by its chart")
            with alone(Path(tempfile.gettempdir())):
                install(tool)
        asyncio.run(_measure(tool, parts, choices, report))


async def _measure(kubectl: Kubectl, parts: list[str], choices: Options, report: Report) -> None:
    kube = Client((await connection()).transport())
    try:
        for name in parts:
            with _announced(PARTS[name]):
                await PARTS[name](Cluster(kubectl, kube), choices, report)
    finally:
        await kube.close()


@contextmanager
def _announced(part: Callable[..., object]) -> Iterator[None]:
    say(f"==> {part.__name__}: {(part.__doc__ or '').strip()}")
    began = time.monotonic()
    yield
    say(f"    {part.__name__} took {time.monotonic() - began:.0f} s")


def _parser() -> argparse.ArgumentParser:
    usual = Options()
    lines = "\n".join(f"  {name:<10}{part.__doc__}" for name, part in {ALONE: backup, **PARTS}.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measures ReleaseFlow on the cluster that KUBECONFIG names; backup alone needs none.",
        epilog=f"parts (all, where none is named):\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[ALONE, *PARTS, []], help="what to measure")
    counts = {
        "--rounds": (usual.rounds, "rounds of gate, and starts of start"),
        "--samples": (usual.samples, "ends of Jobs for reaction"),
        "--flows": (usual.flows, "flows at rest for memory"),
        "--idle-seconds": (usual.idle_seconds, "how long idle looks"),
        "--pairs": (usual.pairs, "pairs of backups of backup"),
        "--megabytes": (usual.megabytes, "size of the database for backup"),
    }
    for flag, (value, words) in counts.items():
        parser.add_argument(flag, type=int, default=value, metavar="N", help=f"{words} (default: {value})")
    parser.add_argument("--as-installed", action="store_true", help="take the operator that is there")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a goal is missed")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Break the operator by plan, and judge every release: `make faults`, or `python -m tests.faults --help`."""

import argparse
import asyncio
import logging
import math
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

from tests.faults.controlplane.control_plane import ControlPlaneError
from tests.faults.controlplane.programs import NoProgramsError, kube
from tests.faults.launcher.launchers import SOURCES
from tests.faults.plans.catalogue import KINDS, Kind
from tests.faults.plans.plan import Plan, plan_from_json
from tests.faults.plans.scenarios import SCENARIOS
from tests.faults.plans.selection import Places, doubles, quick, singles
from tests.faults.runner.report import Reporter
from tests.faults.runner.sweep import Sweep

JOBS = 14
QUICK_PLANS = 200
"""The good scenario and the gated one at every write, and each kind of fault twice."""


def main(arguments: list[str]) -> int:
    """Play what was asked for; return the exit code: 1 where something was broken."""
    # The operator's code looks at the past in here as well, and has nothing to say.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = _parser().parse_args(arguments)
    try:
        kube()
        return asyncio.run(_run(chosen))
    except (NoProgramsError, ControlPlaneError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("stopped; nothing is left behind", file=sys.stderr)
        return 130


async def _run(chosen: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    latest = time.monotonic() + chosen.within if chosen.within else math.inf
    async with Sweep(chosen.jobs, cold=chosen.cold, sources=chosen.operator.resolve(), latest=latest) as sweep:
        return await _sweep(chosen, sweep)


async def _sweep(chosen: argparse.Namespace, sweep: Sweep) -> int:
    single = [plan_from_json(text) for text in chosen.plan]
    names = sorted({plan.scenario for plan in single}) or chosen.scenario or list(SCENARIOS)
    print(f"playing {len(names)} scenarios without a fault, to compare with", file=sys.stderr, flush=True)
    baseline = await sweep.play_without_faults(names)
    first = Reporter(len(baseline))
    for verdict in baseline.values():
        first.add(verdict)
    if first.failed:
        print(first.summary())
        return 1
    places = {name: verdict.places for name, verdict in baseline.items()}
    return await _played(sweep, (single or _chosen(chosen, places)) * chosen.repeat)


def _chosen(chosen: argparse.Namespace, places: Mapping[str, Places]) -> list[Plan]:
    """Return the plans that were asked for, by how many places the releases without a fault had."""
    if chosen.doubles:
        return doubles(places, chosen.doubles, chosen.seed)
    if chosen.selection == "quick" and not chosen.fault:
        return quick(list(places), chosen.count, chosen.seed)
    sparse, kinds = chosen.selection != "everything", _kinds(chosen.fault)
    return [plan for name, found in places.items() for plan in singles(name, found, kinds, sparse=sparse)]


async def _played(sweep: Sweep, plans: list[Plan]) -> int:
    reporter = Reporter(len(plans))
    try:
        await sweep.run(plans, reporter.add)
    finally:
        print(reporter.summary(), flush=True)
    return 1 if reporter.failed else 0


def _kinds(names: list[str]) -> list[Kind]:
    return [kind for kind in KINDS if not names or kind.what in names]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description="Breaks the real operator at every request and every observation, against a real API server.",
        epilog=f"faults: {', '.join(dict.fromkeys(kind.what for kind in KINDS))}",
    )
    parser.add_argument(
        "--scenario", action="append", default=[], choices=list(SCENARIOS), help="only this one; may be repeated"
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="only this kind of fault; may be repeated"
    )
    parser.add_argument(
        "--plan", action="append", default=[], metavar="JSON", help="play exactly this plan; may be repeated"
    )
    parser.add_argument(
        "--selection",
        choices=["quick", "all", "everything"],
        default="quick",
        help="how many of the single faults (default: quick)",
    )
    parser.add_argument(
        "--count",
        type=int,
        default=QUICK_PLANS,
        metavar="N",
        help=f"plans of the quick selection (default: {QUICK_PLANS})",
    )
    parser.add_argument("--doubles", type=int, default=0, metavar="N", help="play N seeded pairs of faults instead")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another selection, or other pairs")
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help=f"plans at a time (default: {JOBS})")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="play everything so many times")
    parser.add_argument(
        "--operator", type=Path, default=SOURCES, metavar="FOLDER", help="source root of another operator to break"
    )
    parser.add_argument(
        "--within", type=float, default=0, metavar="SECONDS", help="begin no plan after so many seconds"
    )
    parser.add_argument("--cold", action="store_true", help="start each operator as a user does, imports and all")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Explore the protocol: python -m tests.model --help."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.model.counterexample import rendered
from tests.model.scenario import Scenario
from tests.model.scenarios import SCENARIOS
from tests.model.search import Found, Search


def main(words: list[str]) -> int:
    """Explore what was asked for; the exit code is 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    known = ", ".join(f"{one.name} ({one.why})" for one in SCENARIOS.values())
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help=f"one of: {known}; all without it")
    parser.add_argument("--most-states", type=int, default=10**9, help="stop after so many states")
    parser.add_argument("--quick", action="store_true", help="only what `make test` explores")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="scenarios explored at once")
    parser.add_argument("--replay", help="tell the story of these moves: numbers with commas between")
    chosen = parser.parse_args(words)
    names = chosen.scenario or [name for name, one in SCENARIOS.items() if one.quick or not chosen.quick]
    scenarios = [SCENARIOS[name] for name in names]
    if chosen.replay:
        print(
            rendered(Found(scenarios[0], broken="Replayed", path=[int(number) for number in chosen.replay.split(",")]))
        )
        return 0
    with ProcessPoolExecutor(min(chosen.jobs, len(scenarios))) as pool:
        found = list(_until_broken(pool.map(_explored, scenarios, [chosen.most_states] * len(scenarios))))
        pool.shutdown(cancel_futures=True)
    print(
        f"{sum(one.states for one in found):,} states in all, {sum(bool(one.broken) for one in found)} broken promises"
    )
    return int(any(one.broken for one in found))


def _until_broken(results: Iterable[Found]) -> Iterator[Found]:
    """Return what is found, up to the first broken promise."""
    for found in results:
        yield found
        if found.broken:
            return


def _explored(scenario: Scenario, most_states: int) -> Found:
    """Explore one scenario, and tell at once what is found."""
    found = Search(scenario, most_states=most_states, progress=True).run()
    print(f"{scenario.name}: {found.summary}", flush=True)
    if found.broken:
        print(rendered(found), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

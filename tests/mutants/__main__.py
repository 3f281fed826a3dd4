"""Break each rule of the protocol, and see who notices: python -m tests.mutants --help."""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.runner import Verdict, judge, quiet
from tests.mutants.table import written


def main(words: list[str]) -> int:
    """Judge the mutants that were asked for; the exit code is 1 where one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of mutants; all without one")
    parser.add_argument("--jobs", type=int, default=2, help="mutants judged at once (default: 2)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/reference/mutants.md")
    parser.add_argument("--unproven", action="store_true", help="do not try the tiers without a mutant first")
    chosen = parser.parse_args(words)
    mutants = [m for m in MUTANTS if not chosen.names or any(part in m.name for part in chosen.names)]
    for tier in sorted({m.tier for m in mutants}):
        if not chosen.unproven and not quiet(tier):
            print(f"the tier {tier.value} fails without any mutant: mend that first")
            return 2
    with ThreadPoolExecutor(chosen.jobs) as pool:
        verdicts = [_printed(verdict) for verdict in pool.map(judge, mutants)]
    killed = sum(verdict.killed for verdict in verdicts)
    print(f"{killed} of {len(verdicts)} mutants killed")
    if chosen.write:
        written(verdicts)
    return int(killed < len(verdicts))


def _printed(verdict: Verdict) -> Verdict:
    mutant: Mutant = verdict.mutant
    state = "killed" if verdict.killed else "SURVIVED"
    print(f"{state:9} {mutant.name} (rule {mutant.rule}; {mutant.tier.value}): {verdict.how}", flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

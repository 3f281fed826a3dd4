"""What people read: progress, plans a second, and for a plan that broke something, how to see it again."""

import shlex
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.plans.plan import Plan
from tests.faults.runner.sweep import Verdict

EVERY_SECONDS = 10.0
COMMAND = "PYTHONPATH=operator:. python -m tests.faults"


@dataclass
class Reporter:
    """Tells of plans as they end."""

    total: int
    began: float = field(default_factory=time.monotonic)
    verdicts: list[Verdict] = field(default_factory=list)
    _told: float = field(default_factory=time.monotonic)

    def add(self, verdict: Verdict) -> None:
        """Take a plan in; tell of it where it broke something."""
        self.verdicts.append(verdict)
        if verdict.broken:
            self._say(story(verdict))
        if time.monotonic() - self._told > EVERY_SECONDS:
            self._told = time.monotonic()
            self._say(self.line())

    @property
    def failed(self) -> list[Verdict]:
        """Plans that broke something."""
        return [verdict for verdict in self.verdicts if verdict.broken]

    @property
    def unsteady(self) -> list[Verdict]:
        """Plans that took too long or too much, once."""
        return [verdict for verdict in self.verdicts if verdict.once]

    def line(self) -> str:
        """Return how far it has come, in one line."""
        seconds = time.monotonic() - self.began
        count, failed = len(self.verdicts), len(self.failed)
        rate = f"{count} of {self.total} plans in {seconds:.0f} s, {count / seconds:.2f} a second"
        return f"{rate}, {failed} broke something"

    def summary(self) -> str:
        """Return the whole result."""
        kinds = Counter(fault.what for verdict in self.verdicts for fault in verdict.plan.faults)
        missed = sum(not verdict.reached for verdict in self.verdicts)
        rules = Counter(rule.split(":")[0] for verdict in self.verdicts for rule in verdict.broken)
        lines = [self.line(), f"{len(kinds)} kinds of faults; in {missed} plans a fault had no place any more"]
        lines += [f"  {rule}: broken {count} times" for rule, count in sorted(rules.items())]
        lines += [
            f"  {verdict.plan}: broke at first, and held when it was played again: {verdict.once[0]}"
            for verdict in self.unsteady
        ]
        lines += [
            f"  {verdict.plan}: {verdict.broken[0]}\n    again: {replay(verdict.plan)}" for verdict in self.failed
        ]
        return "\n".join(lines)

    @staticmethod
    def _say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)


def replay(plan: Plan) -> str:
    """Return the command that plays one plan again."""
    return f"{COMMAND} --plan {shlex.quote(plan.as_json())}"


def story(verdict: Verdict) -> str:
    """Return what happened in a plan that broke something, and the command that shows it again."""
    lines = [f"==> {verdict.plan}", *verdict.lines, *(f"    BROKEN {rule}" for rule in verdict.broken)]
    return "\n".join([*lines, f"    again: {replay(verdict.plan)}", ""])

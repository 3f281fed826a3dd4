"""The quick selection of the fault sweep: the good scenario at every write, each kind of fault, and no rule broken."""

import pytest

from tests.faults.__main__ import QUICK_PLANS, main
from tests.faults.plans.catalogue import KINDS
from tests.faults.plans.plan import At
from tests.faults.plans.scenarios import SCENARIOS
from tests.faults.plans.selection import AT_EVERY_WRITE, AT_EVERY_WRITE_OF_GATE, USUAL, quick

HANGS_SECONDS = 1800
"""It takes three minutes on two idle cores; a busy machine takes longer and changes nothing else."""


def test_a_quick_run_has_everything_in_it() -> None:
    chosen = quick(list(SCENARIOS), QUICK_PLANS)
    faults = [plan.faults[0] for plan in chosen]
    assert {fault.what for fault in faults} == {kind.what for kind in KINDS}
    assert {plan.scenario for plan in chosen} == set(SCENARIOS)
    broken = {(plan.faults[0].what, plan.faults[0].number) for plan in chosen if plan.scenario == "good"}
    writes = range(1, USUAL["good"][At.WRITE] + 1)
    assert {(what, number) for what in AT_EVERY_WRITE for number in writes} <= broken
    gated = {plan.faults[0] for plan in chosen if plan.scenario == "gate"}
    ended = {fault.number for fault in gated if fault.what == AT_EVERY_WRITE_OF_GATE}
    assert set(range(1, USUAL["gate"][At.WRITE] + 1)) <= ended


def test_a_quick_run_is_the_same_every_time_and_another_for_another_seed() -> None:
    names = list(SCENARIOS)
    assert quick(names, QUICK_PLANS) == quick(names, QUICK_PLANS) != quick(names, QUICK_PLANS, seed=2)


@pytest.mark.timeout(HANGS_SECONDS)
def test_no_rule_breaks_whatever_goes_wrong() -> None:
    assert main(["--selection", "quick"]) == 0, "the stories are printed above"

"""Every mutant of the catalogue still fits the code, and is another program than the operator."""

import pytest

from tests.faults.__main__ import QUICK_PLANS
from tests.faults.plans.plan import plan_from_json
from tests.faults.plans.scenarios import SCENARIOS as RELEASES
from tests.faults.plans.selection import quick
from tests.model.scenarios import SCENARIOS
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant, Tier
from tests.mutants.runner import ROOT, broken
from tests.mutants.table import BEGIN, END, PAGE


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_fits_the_code_and_changes_it(mutant: Mutant) -> None:
    assert broken(mutant) != (ROOT / "operator" / "releaseflow" / mutant.path).read_text(encoding="utf-8")


def test_names_are_given_once() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_the_table_has_every_mutant_in_it() -> None:
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[1] for row in rows[2:]] == [mutant.name for mutant in MUTANTS], "run: make mutants"


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if mutant.killer], ids=lambda mutant: mutant.name)
def test_what_is_known_to_kill_is_run_by_every_test_run(mutant: Mutant) -> None:
    match mutant.tier:
        case Tier.EXPLORER:
            assert SCENARIOS[mutant.killer].quick
        case Tier.UNIT:
            assert (ROOT / "tests" / "unit" / mutant.killer).is_file()
        case Tier.FAULTS:
            assert plan_from_json(mutant.killer) in quick(list(RELEASES), QUICK_PLANS)

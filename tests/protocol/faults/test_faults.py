"""The quick selection of the fault sweep: each kind of fault at some places of every scenario, and no rule broken."""

import pytest

from tests.protocol.faults.__main__ import main
from tests.protocol.faults.plane.programs import NoProgramsError, kube

MOST_SECONDS = 300
"""No plan is begun later, however slow the machine is."""


@pytest.mark.timeout(600)
def test_no_rule_breaks_whatever_goes_wrong() -> None:
    try:
        kube()
    except NoProgramsError as missing:
        pytest.skip(str(missing))
    assert main(["--selection", "quick", "--within", str(MOST_SECONDS)]) == 0, "the stories are printed above"

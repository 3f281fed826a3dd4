"""What tests of backups read of a runner's outcome."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.reports import (
    FailureReport,
    dump_report,
)
from tests.unit.jobs.conftest import Outcome


def reason(outcome: Outcome) -> Reason:
    report = dump_report(outcome.message)
    assert outcome.exit_code == 1, outcome
    assert isinstance(report, FailureReport), outcome
    assert report.detail
    return report.reason

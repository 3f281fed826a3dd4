"""What tests of backups read of a runner's outcome, and change in its files."""

import json
import subprocess
from pathlib import Path

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.reports import (
    FailureReport,
    dump_report,
)
from tests.unit.jobs.conftest import Outcome, Runner


def reason(outcome: Outcome) -> Reason:
    report = dump_report(outcome.message)
    assert outcome.exit_code == 1, outcome
    assert isinstance(report, FailureReport), outcome
    assert report.detail
    return report.reason


def sha256_of(file: Path) -> str:
    return subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout[:64]


def rewrite_manifest(runner: Runner, **changes: object) -> None:
    manifest = runner.file.with_suffix(".json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes, separators=(",", ":")))

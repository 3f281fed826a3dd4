"""The alerts: each fires when it should, is silent when it should be, and has a page that says what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from releaseflow.reporting.measures import OF_FLOWS, OF_THE_PROCESS, OF_TRANSITIONS
from tests.unit.chart.rendering import CHART, ROOT

FILE = CHART / "files" / "alerts.yaml"
CASES = Path(__file__).with_name("alerts.test.yaml")
RUNBOOKS = ROOT / "docs" / "operate" / "runbooks.md"
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
NAMES = [rule["alert"] for rule in RULES]


def test_prometheus_takes_the_file(promtool: str) -> None:
    done = subprocess.run([promtool, "check", "rules", FILE], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_each_fires_when_it_should_and_at_no_other_time(promtool: str, tmp_path: Path) -> None:
    cases = yaml.safe_load(CASES.read_text()) | {"rule_files": [str(FILE)]}
    described(cases)
    file = tmp_path / "cases.yaml"
    file.write_text(yaml.safe_dump(cases))

    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def described(cases: dict[str, Any]) -> None:
    """Add to each alert that is expected what it says: promtool compares that too."""
    rules = {rule["alert"]: rule for rule in RULES}
    for case in cases["tests"]:
        for asked in case["alert_rule_test"]:
            rule = rules[asked["alertname"]]
            for expected in asked["exp_alerts"]:
                expected["exp_labels"] |= rule["labels"]
                known = {**expected["exp_labels"], "$value": expected.pop("value", "")}
                expected["exp_annotations"] = {name: filled(text, known) for name, text in rule["annotations"].items()}


def filled(text: str, known: dict[str, str]) -> str:
    """A text with its placeholders filled in."""
    text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: known[found[1]], text)
    return re.sub(r"\{\{ \$value \| \w+ \}\}", lambda _: known["$value"], text)


def test_each_is_tried_firing_and_silent() -> None:
    asked = [entry for case in yaml.safe_load(CASES.read_text())["tests"] for entry in case["alert_rule_test"]]

    assert {entry["alertname"] for entry in asked if entry["exp_alerts"]} == set(NAMES)
    assert {entry["alertname"] for entry in asked if not entry["exp_alerts"]} == set(NAMES)


def test_each_asks_for_metrics_that_there_are() -> None:
    known = {measure.name for measure in (*OF_FLOWS, *OF_THE_PROCESS, *OF_TRANSITIONS)}

    for rule in RULES:
        asked = set(re.findall(r"\breleaseflow_\w+", rule["expr"]))
        assert asked
        assert asked <= known, rule["alert"]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_says_how_grave_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["alert"].startswith("ReleaseFlow")
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert "{{" not in rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"] == f"docs/operate/runbooks.md#{rule['alert'].lower()}"


def test_the_runbooks_are_those_of_the_alerts_in_their_order() -> None:
    assert re.findall(r"^## (ReleaseFlow\w+)$", RUNBOOKS.read_text(), re.MULTILINE) == NAMES

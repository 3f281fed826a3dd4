"""Habits that people rely on: subjects of commits, the help of make, hooks, forms, and the map of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.commit_subject import LONGEST, wrong

ROOT = Path(__file__).resolve().parents[2]
RULE = "tools/commit_subject.py"
ARCHITECTURE = ROOT / "docs" / "contributing" / "architecture.md"
PACKAGE = ROOT / "operator" / "releaseflow"
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
_PATH = re.compile(r"`([\w./-]+(?:/[\w.-]*|\.(?:py|sh|yaml|md|toml)))`")
_HELP = re.compile(r"^  make ([a-z-]+) +\S.*$")
_TOLD = re.compile(r"^([a-z][a-z-]*):.*?## (.+)$", re.MULTILINE)


def git(*words: str) -> str:
    """Return what git prints; nothing where there is no history, as in an archive of the sources."""
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def subjects() -> list[str]:
    """Return the subjects since the rule was written down."""
    since = git("log", "--diff-filter=A", "--format=%H", "--", RULE).splitlines()
    return git("log", "--no-merges", "--format=%s", f"{since[-1]}..HEAD").splitlines() if since else []


def test_every_subject_since_the_rule_follows_it() -> None:
    assert {subject: wrong(subject) for subject in subjects() if wrong(subject)} == {}


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        ("lock: name the holder", ""),
        ("lock: " + "x" * (LONGEST - 8) + " y", ""),
        ("lock: " + "x" * (LONGEST - 7) + " y", "73 characters"),
        ("Name the holder of a lock", "area: verb object"),
        ("lock: name the holder.", "area: verb object"),
        ("lock: Name the holder", "area: verb object"),
        ("lock: rename", "area: verb object"),
        ("", "area: verb object"),
    ],
)
def test_a_subject_is_judged(subject: str, fault: str, tmp_path: Path) -> None:
    message = tmp_path / "message"
    message.write_text(f"{subject}\n\nBecause a reader of the log wants to know.\n")
    done = subprocess.run([sys.executable, ROOT / RULE, message], capture_output=True, text=True, check=False)

    assert done.returncode == int(bool(fault))
    assert fault in done.stderr


def test_make_lists_every_target_that_has_a_word_on_it() -> None:
    environment = {"PATH": "/usr/bin:/bin", "RELEASEFLOW_VENV": "/nonexistent"}
    said = subprocess.run(["make", "-C", ROOT], env=environment, capture_output=True, text=True, check=True).stdout
    told = _TOLD.findall((ROOT / "Makefile").read_text(encoding="utf-8"))

    assert [found[1] for line in said.splitlines() if (found := _HELP.match(line))] == [target for target, _ in told]
    assert [(target, len(words)) for target, words in told if len(words) > 120] == []


def test_every_target_with_a_word_is_phony() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {name for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in line.split()}

    assert {target for target, _ in _TOLD.findall(makefile)} <= phony


def named() -> list[str]:
    """Return the paths that the page about the architecture names."""
    return sorted(set(_PATH.findall(ARCHITECTURE.read_text(encoding="utf-8"))))


def test_every_path_of_the_architecture_exists() -> None:
    gone = [path for path in named() if not any((folder / path).exists() for folder in (PACKAGE, ROOT))]

    assert gone == []
    assert len(named()) > 50


def test_every_layer_is_in_the_diagram() -> None:
    diagram = ARCHITECTURE.read_text(encoding="utf-8").partition("```mermaid")[2].partition("```")[0]
    layers = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert set(re.findall(r'\["(\w+)/<br/>', diagram)) == layers


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_a_form_can_be_read_and_asks_for_something(form: Path) -> None:
    asked = yaml.safe_load(form.read_text(encoding="utf-8"))
    fields = [field for field in asked["body"] if field["type"] != "markdown"]

    assert {"name", "description", "labels", "body"} == set(asked)
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_the_form_for_a_bug_asks_for_objects_events_and_version() -> None:
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text(encoding="utf-8")

    assert all(
        word in text for word in ("kubectl get rflow,mrun -n NAMESPACE -o yaml", "kubectl get events", "--version")
    )


def test_hooks_run_what_the_repository_has_and_download_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [group["repo"] for group in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        program, what, *_ = hook["entry"].split()
        assert f"\n{what}:" in makefile if program == "make" else (ROOT / what).is_file()


def test_who_asks_for_integration_is_marked_by_it(integration: None, request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration") is not None

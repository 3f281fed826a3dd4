"""A tool that the project does not know: one more file in the folder, and everything else follows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from releaseflow.presets.registry import PRESETS
from tests.support.product_copy import answered, product_copy

TOOL = r"""
name = "Dummy"
language = "Dummies"
versions = "7"
program = ["dummy", "--quiet"]
migrate = ["up"]
writes = ["dolls"]
second = "Waits"
[check]
arguments = ["pending"]
pending = [3]
says = "4 is a broken dummy."
[check.files]
ignored = "^_"
name = '(\d+)_.*'
recorded.PostgreSQL = "select step from dummy_log"
[path]
names = "the folder of dummies"
after = ["--dir", "file://{path}"]
[environment]
DUMMY_COLOR = "never"
DUMMY_URL = "$(DATABASE_URL)"
[bookkeeping.PostgreSQL]
table = "dummy_log"
version = "select max(step) from dummy_log"
[leftovers.PostgreSQL]
undone = false
failed = "Half a dummy"
killed = "No dummy"
[down]
arguments = ["back", "--to={version}"]
version = 'step (\d+)'
[down.leftovers.PostgreSQL]
undone = false
failed = "A dummy upside down"
killed = "No way back"
"""
ASKED = """
import json
from dataclasses import replace
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.down import WITH_DOWN
from releaseflow.core.tools import leftovers, pending_codes
from tests.unit.jobs.test_steps import facts, pod
from tools.crds import crd_files
from tools.reference import reference_files

dummy = facts(StepType.CHECK, migration={"tool": "Dummy"})
down = {"operation": "Down", "down": {"runName": "x"}, "migration": {"tool": "Dummy", "path": "db"}}
undo = facts(StepType.MIGRATE, **down)
print(json.dumps({
    "crds": list(crd_files().values()),
    "pages": {path.name: text for path, text in reference_files().items()},
    "check": pod(dummy)["containers"],
    "migrate": pod(facts(StepType.MIGRATE, migration={"tool": "Dummy"})),
    "other": pod(facts(StepType.MIGRATE, migration={"tool": "Django"})),
    "command": pod(facts(StepType.MIGRATE, migration={"command": ["x"]})),
    "pending": sorted(pending_codes(dummy.spec)),
    "moved": pod(facts(StepType.CHECK, migration={"tool": "Dummy", "path": "db"}))["containers"],
    "left": leftovers(dummy.spec, killed=False),
    "down": pod(replace(undo, down_to="step 7"))["initContainers"][0]["command"],
    "left by down": leftovers(undo.spec, killed=False),
    "with down": WITH_DOWN,
    "compared": pod(facts(StepType.CHECK, migration={"tool": "Dummy", "check": {"folder": "/dummies"}})),
}))
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is made of a copy of the product that has one file more."""
    added = {"presets/dummy.toml": TOOL}
    return answered(product_copy(tmp_path_factory.mktemp("source"), added), ASKED)


def test_the_crds_know_its_name_and_their_messages_list_it(followed: Mapping[str, Any]) -> None:
    tools = ", ".join(sorted([*PRESETS, "Dummy"]))
    for crd in followed["crds"]:
        assert "- Dummy\n" in crd
        assert f"write tool ({tools}), or a command" in " ".join(crd.split())


def test_the_reference_has_its_row_and_its_page(followed: Mapping[str, Any]) -> None:
    row = "| [Dummy](tools/dummy.md) | Dummies | 7 | `dummy --quiet up` | its own check | no | `back --to={version}` |"
    assert row in followed["pages"]["tools.md"]
    page = " ".join(followed["pages"]["dummy.md"].split())
    assert (
        "`dummy --quiet pending` asks whether anything is pending: 0 is nothing, 3 is pending, any other is no" in page
    )
    assert "4 is a broken dummy." in page
    assert "It writes to `dolls`: where the root file system is read-only, mount an `emptyDir` there." in page
    assert "waits for a lock of the tool" in page
    assert "`Dummy`" in followed["pages"]["releaseflow.md"]


def test_its_jobs_run_its_commands_with_its_environment(followed: Mapping[str, Any]) -> None:
    [check], [migrate] = followed["check"], followed["migrate"]["initContainers"]
    assert (check["command"], migrate["command"]) == (["dummy", "--quiet", "pending"], ["dummy", "--quiet", "up"])
    assert all({"name": "DUMMY_COLOR", "value": "never"} in container["env"] for container in (check, migrate))
    last = {"name": "DUMMY_URL", "value": "$(DATABASE_URL)"}
    assert all(container["env"][-1] == last for container in (check, migrate)), "behind what it refers to"


def test_its_option_for_a_path_is_known_everywhere(followed: Mapping[str, Any]) -> None:
    [moved] = followed["moved"]
    assert moved["command"] == ["dummy", "--quiet", "pending", "--dir", "file://db"]
    assert "`dummy --quiet up --dir file://PATH`" in followed["pages"]["dummy.md"]
    assert all("Dummy: the folder of dummies (--dir file://)" in " ".join(crd.split()) for crd in followed["crds"])


def test_its_bookkeeping_enters_its_own_pods_and_those_of_commands(followed: Mapping[str, Any]) -> None:
    asked = {name: json.dumps(followed[name]).count("max(step)") for name in ("migrate", "other", "command")}
    assert asked == {"migrate": 1, "other": 0, "command": 1}
    assert "django_migrations" not in json.dumps(followed["migrate"])


def test_its_exit_codes_and_what_it_leaves_are_in_the_preset(followed: Mapping[str, Any]) -> None:
    assert followed["pending"] == [3]
    assert followed["left"] == "Half a dummy"


def test_its_way_down_is_known_everywhere(followed: Mapping[str, Any]) -> None:
    assert followed["down"] == ["dummy", "--quiet", "back", "--to=7", "--dir", "file://db"]
    assert followed["left by down"] == "A dummy upside down"
    assert "Dummy" in followed["with down"]
    assert "A dummy upside down." in followed["pages"]["dummy.md"]
    assert any(
        f"only with tool {', '.join(followed['with down'])}" in " ".join(crd.split()) for crd in followed["crds"]
    )


def test_the_names_of_its_files_are_compared_with_its_own_record(followed: Mapping[str, Any]) -> None:
    [check] = followed["compared"]["containers"]
    given = {variable["name"]: variable.get("value") for variable in check["env"]}
    assert (given["RELEASEFLOW_MIGRATION_NAME"], given["RELEASEFLOW_IGNORED"]) == (r"(\d+)_.*", "^_")
    assert (given["RELEASEFLOW_TABLE"], given["RELEASEFLOW_RECORDED"]) == ("dummy_log", "select step from dummy_log")
    tools = ", ".join(sorted(["Dummy", *(name for name, preset in PRESETS.items() if preset.check.files is not None)]))
    assert all(f"For {tools}; it needs" in " ".join(crd.split()) for crd in followed["crds"])

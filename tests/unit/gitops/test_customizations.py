"""Health and actions for Argo CD, in the layout of upstream's resource_customizations and by upstream's own tests."""

from pathlib import Path
from typing import Any

import lupa.luajit21 as lua
import pytest
import yaml

from tests.unit.api.samples import pruned
from tests.unit.gitops import argo_lua
from tests.unit.gitops.manifests import CUSTOMIZATIONS, SCHEMAS, files
from tools.argo_cd import ACTIONS, CONFIG_MAP, config_map

KINDS = [pytest.param(CUSTOMIZATIONS / kind, id=kind) for kind in SCHEMAS]
MANIFESTS = files()


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: what looks like a time is a string."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 (it is a SafeLoader)


def cases(test_file: str, part: str) -> list[Any]:
    """Return the cases of one of upstream's files of tests, with the folder that their paths start from."""
    found = []
    for kind in SCHEMAS:
        path = CUSTOMIZATIONS / kind / test_file
        for case in read(path)[part]:
            label = f"{kind}-{case.get('action', 'is')}-{Path(case['inputPath']).stem}"
            found.append(pytest.param(path.parent, case, id=label))
    return found


@pytest.mark.parametrize(("folder", "case"), cases("health_test.yaml", "tests"))
def test_health(folder: Path, case: dict[str, Any]) -> None:
    script = (folder / "health.lua").read_text(encoding="utf-8")
    assert argo_lua.run(script, read(folder / case["inputPath"])) == case["healthStatus"]


@pytest.mark.parametrize(("folder", "case"), cases("actions/action_test.yaml", "discoveryTests"))
def test_discovery(folder: Path, case: dict[str, Any]) -> None:
    script = (folder / "discovery.lua").read_text(encoding="utf-8")
    found = argo_lua.run(script, read(folder / case["inputPath"]))
    assert found == {action["name"]: {k: v for k, v in action.items() if k != "name"} for action in case["result"]}


@pytest.mark.parametrize(("folder", "case"), cases("actions/action_test.yaml", "actionTests"))
def test_action(folder: Path, case: dict[str, Any]) -> None:
    script, given = (folder / case["action"] / "action.lua").read_text(encoding="utf-8"), folder / case["inputPath"]
    if "expectedErrorMessage" in case:
        with pytest.raises(lua.LuaError) as refused:
            argo_lua.run(script, read(given))
        assert str(refused.value) == case["expectedErrorMessage"]
        return
    after, expected = argo_lua.run(script, read(given)), read(folder / case["expectedOutputPath"])
    assert without_empty(after) == without_empty(expected) != without_empty(read(given))


def without_empty(value: Any) -> Any:
    """Return what Lua can tell: an empty table may be a list or a map, so Argo CD takes what was there before."""
    if isinstance(value, dict):
        return {name: without_empty(inner) for name, inner in value.items() if inner not in ({}, [])}
    return [without_empty(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: f"{path.relative_to(CUSTOMIZATIONS).parts[0]}-{path.stem}")
def test_a_manifest_is_what_the_operator_says_in_its_story(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == MANIFESTS[path], "run python -m tests.unit.gitops.manifests"


@pytest.mark.parametrize("folder", KINDS)
def test_every_manifest_is_as_the_api_server_keeps_it_and_is_judged(folder: Path) -> None:
    there = set(folder.rglob("testdata/*.yaml"))
    assert there == {path for path in MANIFESTS if folder in path.parents}
    judged = {folder / case["inputPath"] for case in read(folder / "health_test.yaml")["tests"]}
    assert judged == {path for path in there if path.parent.parent == folder}
    for path in there:
        thing = read(path)
        parts = {name: thing[name] for name in ("spec", "status") if name in thing}
        assert {name: pruned(part, SCHEMAS[folder.name][name]) for name, part in parts.items()} == parts, path


def test_both_kinds_are_judged_by_one_script() -> None:
    assert len({path.read_text(encoding="utf-8") for path in CUSTOMIZATIONS.glob("*/health.lua")}) == 1


@pytest.mark.parametrize("folder", KINDS)
def test_every_action_is_discovered_tested_and_in_the_config_map(folder: Path) -> None:
    scripts = {path.parent.name for path in folder.glob("actions/*/action.lua")}
    tests = read(folder / "actions" / "action_test.yaml")
    assert scripts == {case["action"] for case in tests["actionTests"]} == set(ACTIONS[folder.name])
    assert all({action["name"] for action in case["result"]} == scripts for case in tests["discoveryTests"])


def test_the_config_map_is_equal_to_its_source() -> None:
    assert CONFIG_MAP.read_text(encoding="utf-8") == config_map(), "run `make docs`"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_config_map_has_the_scripts(kind: str) -> None:
    data, folder = read(CONFIG_MAP)["data"], CUSTOMIZATIONS / kind
    assert data[f"resource.customizations.health.releaseflow.dev_{kind}"] == (folder / "health.lua").read_text()
    actions = yaml.safe_load(data[f"resource.customizations.actions.releaseflow.dev_{kind}"])
    assert actions["discovery.lua"] == (folder / "actions" / "discovery.lua").read_text()
    found = {action["name"]: action["action.lua"] for action in actions["definitions"]}
    assert found == {name: (folder / "actions" / name / "action.lua").read_text() for name in ACTIONS[kind]}

"""What is generated and kept in the repository is equal to its source, and complete."""

import re
from pathlib import Path

import pytest
import yaml

from releaseflow.api.v1alpha1.target import TargetStep
from tools.crds import FOLDER, crd, crd_files
from tools.kinds import KINDS, Kind
from tools.reference import reference_files

FILES = {**crd_files(), **reference_files()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_equal_to_its_source(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "run `make crds`"


def test_no_crd_is_left_of_a_kind_that_is_gone() -> None:
    assert set(FOLDER.iterdir()) == set(crd_files())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_yaml_says_what_was_meant(kind: Kind) -> None:
    [text] = [text for path, text in crd_files().items() if kind.plural in path.name]
    assert yaml.safe_load(text) == crd(kind)
    assert text.startswith("# Generated ")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_columns_speak_of_fields_that_exist(kind: Kind) -> None:
    schema = crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for path in [column.path for column in kind.columns if "metadata" not in column.path] + list(kind.selectable):
        node = schema
        for name in re.sub(r"\[\?\(.*\)\]", ".items", path).strip(".").split("."):
            node = node["items"] if name == "items" else node["properties"][name]
        assert node["type"] in {"string", "boolean", "integer"}, path


def test_a_target_has_no_step_that_is_never_written() -> None:
    assert "Fenced" not in {step.value for step in TargetStep}

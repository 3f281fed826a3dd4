"""A way to run a migration that the project does not know: one more file in the folder, and everything else follows."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.support.product_copy import answered, product_copy

WAY = '''
"""Telegram: the commands are sent to somebody who types them."""

from releaseflow.runners.runner import Field, Runner


class Telegram(Runner):
    name = "Telegram"
    summary = "Wherever the reader sits."
    suits = "For the patient."
    has_job = False
    own = ("path",)
    requires = (Field("serviceAccountName", "is signed by somebody: write serviceAccountName: clerk"),)
    refuses = (Field("env", "carries no variables: write them into command", given="size(self.env) > 0"),)


RUNNER = Telegram()
'''
ASKED = """
import json
from releaseflow.api.v1alpha1.migration import Migration
from tools.crds import crd_files
from tools.reference import reference_files

print(json.dumps({
    "crds": list(crd_files().values()),
    "pages": {path.name: text for path, text in reference_files().items()},
    "parsed": Migration.model_validate({"tool": "Django", "runIn": "Telegram"}).run_in,
    "default": Migration.model_validate({"tool": "Django"}).run_in,
}))
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is made of a copy of the product that has one file more."""
    return answered(product_copy(tmp_path_factory.mktemp("source"), {"runners/telegram.py": WAY}), ASKED)


def test_the_api_knows_its_name(followed: Mapping[str, Any]) -> None:
    for crd in followed["crds"]:
        assert "Telegram" in _migration(crd)["properties"]["runIn"]["enum"]
    assert (followed["parsed"], followed["default"]) == ("Telegram", "Job")


def test_the_api_server_asks_for_what_it_needs_and_refuses_what_it_cannot_do(followed: Mapping[str, Any]) -> None:
    for crd in followed["crds"]:
        rules = {rule["rule"]: rule for rule in _migration(crd)["x-kubernetes-validations"]}
        own = rules["self.runIn == 'Telegram' || !has(self.path)"]
        needed = rules["self.runIn != 'Telegram' || (has(self.serviceAccountName) && true)"]
        refused = rules["self.runIn != 'Telegram' || !(has(self.env) && size(self.env) > 0)"]
        assert own["message"] == "belongs to runIn Telegram: write runIn: Telegram, or leave path out"
        assert needed["message"].startswith("runIn Telegram is signed by somebody: write")
        assert (refused["fieldPath"], refused["reason"]) == (".env", "FieldValueForbidden")


def test_the_reference_has_its_section(followed: Mapping[str, Any]) -> None:
    page = followed["pages"]["runners.md"]
    assert "| [Telegram](#telegram) | no | `path` |" in page
    assert "Wherever the reader sits. For the patient." in page
    assert "- `migration.env`: runIn Telegram carries no variables: write them into command." in page
    assert "`Telegram`" in followed["pages"]["releaseflow.md"]


def _migration(crd: str) -> dict[str, Any]:
    schema = yaml.safe_load(crd)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    migration: dict[str, Any] = schema["properties"]["spec"]["properties"]["migration"]
    return migration

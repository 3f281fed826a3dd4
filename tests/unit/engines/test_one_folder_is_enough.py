"""An engine that the project does not know: one more folder, and everything else follows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.product_copy import answered, product_copy
from tests.unit.engines.test_data_files import folder

ASKED = """
import json
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.table import remedy
from tests.unit.jobs.test_steps import facts, pod
from tools.crds import crd_files
from tools.reference import reference_files

database = {"engine": "Dummy", "urlSecretRef": {"name": "shop-db", "key": "url"}}
print(json.dumps({
    "crds": list(crd_files().values()),
    "pages": {path.name: text for path, text in reference_files().items()},
    "backup": pod(facts(StepType.BACKUP, database=database)),
    "migrate": pod(facts(StepType.MIGRATE, database=database)),
    "other": pod(facts(StepType.BACKUP)),
    "sessions": remedy(Reason.SESSIONS_ALIVE),
}))
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is made of a copy of the product that has one folder more."""
    added = {f"engines/dummy/{name}": text for name, text in folder().items()}
    return answered(product_copy(tmp_path_factory.mktemp("source"), added), ASKED)


def variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable.get("value", "") for variable in container["env"]}


def test_the_crds_know_its_name_and_what_is_done_with_it(followed: Mapping[str, Any]) -> None:
    for crd in followed["crds"]:
        assert "- Dummy\n" in crd
        assert "Dummy: a dummy." in " ".join(crd.split())
        assert "'DUMMYNAME'" in crd


def test_the_reference_has_its_row_and_its_section(followed: Mapping[str, Any]) -> None:
    page = followed["pages"]["engines.md"]
    assert "| [Dummy](#dummy) | `dummy://host` | a dummy |" in page
    assert "## Dummy\n\n- The URL begins with one of `dummy://`, `dumb://`" in page
    assert "`Dummy`" in followed["pages"]["releaseflow.md"]
    assert "`kill` in Dummy" in followed["pages"]["reasons.md"]
    assert "kill in Dummy" in followed["sessions"]


def test_its_jobs_run_its_programs_with_its_session_name(followed: Mapping[str, Any]) -> None:
    dump, proof = followed["backup"]["initContainers"]
    [report] = followed["migrate"]["containers"]
    assert dump["command"][2].endswith("\n\necho 'dummy|dumb'\n<VERSION> of <TABLE>\n")
    assert proof["command"][2].endswith("\n\necho 'dummy|dumb'\n")
    assert report["command"][2] == "echo 'dummy|dumb'\n"
    for container in (dump, report, *followed["migrate"]["initContainers"]):
        assert len(variables(container)["DUMMYNAME"]) <= 32
        assert "PGAPPNAME" not in variables(container)
    assert "DUMMYNAME" not in json.dumps(followed["other"])


def test_its_backup_is_restored_by_its_own_program(followed: Mapping[str, Any]) -> None:
    restore = variables(followed["backup"]["initContainers"][0])["RELEASEFLOW_RESTORE"]
    assert "\n          echo 'dummy|dumb'\n          echo Restored\n" in restore
    assert "pg_restore" not in restore

"""An engine that the project does not know: one more folder, and everything else follows."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
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
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product that has one folder more."""
    added = {f"engines/dummy/{name}": text for name, text in folder().items()}
    return product_copy(tmp_path_factory.mktemp("source"), added)


@pytest.fixture(scope="module")
def followed(product: Path) -> Mapping[str, Any]:
    """What is made of it."""
    return answered(product, ASKED)


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


def test_its_jobs_name_it_and_its_sessions(followed: Mapping[str, Any]) -> None:
    [backup] = followed["backup"]["containers"]
    [report] = followed["migrate"]["containers"]
    assert variables(backup)["RELEASEFLOW_ENGINE"] == "Dummy"
    assert variables(report)["RELEASEFLOW_ENGINE"] == "Dummy"
    for container in (backup, report, *followed["migrate"]["initContainers"]):
        assert len(variables(container)["DUMMYNAME"]) <= 32
        assert "PGAPPNAME" not in variables(container)
    assert "DUMMYNAME" not in json.dumps(followed["other"])


def test_its_backup_is_taken_and_proven_by_its_own_module(product: Path, tmp_path: Path) -> None:
    told = {"ENGINE": "Dummy", "PLACE": f"mounted_folder:{tmp_path}", "PATH": "a/1.dump", "MINIMUM_SIZE_BYTES": "1"}
    told |= {"REPORT": str(tmp_path / "report"), "BOOKKEEPING": "7 applied"}
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(product)}
    env |= {f"RELEASEFLOW_{name}": value for name, value in told.items()}
    subprocess.run([sys.executable, "-SPm", "releaseflow.steps", "backup"], env=env, check=True)
    report = json.loads((tmp_path / "report").read_text())
    assert (report["schemaVersion"], report["proof"]) == (
        "7 applied", "read back whole by client 3: sha256 as written, 1 tables",
    )  # fmt: skip
    assert (tmp_path / "a" / "1.dump").read_text() == "dump of dummy-database\n"

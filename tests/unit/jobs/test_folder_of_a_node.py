"""A place that the product does not know, with a real PostgreSQL: a backup is put there, read back, listed, removed."""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from releaseflow.core.run.reports import DumpReport, ProofReport, dump_report, proof_report, prune_warning
from tests.support.postgresql import Server, as_account
from tests.support.product_copy import answered, product_copy
from tests.unit.destinations import folder_of_a_node
from tests.unit.jobs.conftest import ACCOUNT, INTERPRETER, Runner
from tests.unit.jobs.test_every_job import expanded

BUILT = """
import json, sys
from dataclasses import replace
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.run.retention import Prunable
from tests.unit.jobs.test_steps import facts, pod

folder, run, *old = sys.argv[1:]
inputs = facts(StepType.BACKUP, backup={"hostPath": {"path": folder}})
print(json.dumps(pod(replace(inputs, run_name=run, prunable=tuple(Prunable(*pair.split("=")) for pair in old)))))
"""
ROWS = "select md5(string_agg(t::text, E'\\n' order by t::text)) from (select * from item) t"
FOLDER = "shop/shop-{}-aa-1"


@pytest.fixture(scope="module")
def product() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rf-product-"))
    folder.chmod(0o755)
    yield product_copy(folder, {folder_of_a_node.FILE: folder_of_a_node.TEXT})
    shutil.rmtree(folder)


class Node:
    """Runs containers of a pod as a kubelet would, but with no file system of their own."""

    def __init__(self, runner: Runner, url: str, product: Path) -> None:
        self.runner = runner
        self.url = url
        self.product = product

    def ran(self, pod: Mapping[str, Any], name: str) -> str:
        """Run a container to its good end, and return what it left where Kubernetes keeps it."""
        [container] = [c for c in pod["containers"] if c["name"] == name]
        message = self.runner.message
        message.write_text("", encoding="utf-8")
        message.chmod(0o666)
        places = {"/dev/termination-log": str(message)}
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.product)}
        for variable in container["env"]:
            value = self.url if "valueFrom" in variable else expanded(variable["value"], env)
            env[variable["name"]] = places.get(value, value)
        for path, folder in self.mounted(pod, container).items():
            env["RELEASEFLOW_PLACE"] = env["RELEASEFLOW_PLACE"].replace(path, folder)
        command = [INTERPRETER, *container["command"][1:]]
        done = subprocess.run([*as_account(ACCOUNT), *command], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return message.read_text(encoding="utf-8")

    def mounted(self, pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, str]:
        """Return the folders of the node that a container has, by where it has them."""
        folders = {volume["name"]: volume["hostPath"]["path"] for volume in pod["volumes"] if "hostPath" in volume}
        return {m["mountPath"]: folders[m["name"]] for m in container["volumeMounts"] if m["name"] in folders}


def listed(runner: Runner) -> list[str]:
    return sorted(str(path.relative_to(runner.backups)) for path in runner.backups.rglob("*") if path.is_file())


def files_of(number: int) -> list[str]:
    return [FOLDER.format(number) + suffix for suffix in (".dump", ".json")]


def restore_pod(command: str) -> dict[str, Any]:
    """Return the pod that a restore command runs, with its program."""
    words = shlex.split(command)
    [overrides] = [word.partition("=")[2] for word in words if word.startswith("--overrides=")]
    spec: dict[str, Any] = json.loads(overrides)["spec"]
    spec["containers"][0]["command"] = words[words.index("--") + 1 :]
    return spec


def test_a_backup_is_put_there_read_back_restored_and_removed_by_the_next(
    product: Path, server: Server, database: str, runner: Runner
) -> None:
    node = Node(runner, server.url(database), product)
    first = answered(product, BUILT, str(runner.backups), "shop-1-aa")

    message = node.ran(first, "backup")
    dump, proof = dump_report(message), proof_report(message)

    assert isinstance(dump, DumpReport)
    assert isinstance(proof, ProofReport)
    assert (proof.sha256, proof.size_bytes) == (dump.sha256, dump.size_bytes)
    assert dump.path == FOLDER.format(1) + ".dump"
    assert listed(runner) == files_of(1)

    server.create("from_a_folder")
    command = json.loads((runner.backups / files_of(1)[1]).read_text(encoding="utf-8"))["restoreCommand"]
    Node(runner, server.url("from_a_folder"), product).ran(restore_pod(command), "releaseflow-restore")
    assert server.sql("from_a_folder", ROWS) == server.sql(database, ROWS)

    abandoned = runner.backups / "shop" / "shop-0-aa-1.dump.part"
    abandoned.write_text("half a backup", encoding="utf-8")
    os.utime(abandoned, (0, 0))
    second = answered(product, BUILT, str(runner.backups), "shop-2-aa", f"{dump.path}={dump.sha256}")
    message = node.ran(second, "backup")

    assert isinstance(proof_report(message), ProofReport)
    assert prune_warning(message) == ""
    assert listed(runner) == files_of(2)

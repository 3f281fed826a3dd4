"""The restore command, run as a person would run it, with a replacement of kubectl."""

import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from releaseflow.core.run.restore import LONGEST, restore_command
from releaseflow.destinations.mounted_folder import FOLDER
from releaseflow.engines.registry import CLIENTS
from tests.support.builders import BACKUPS
from tests.unit.jobs.conftest import ACCOUNT, PASSWORD, Runner, Server, as_account

KUBECTL = """#!/bin/sh
case $1 in
create) cat >"$HOME/manifest"; echo job.batch/restore-xyz ;;
logs) echo "$@" >>"$HOME/logs"; [ "$(wc -l <"$HOME/logs")" -gt 1 ] || { echo "$REFUSAL" >&2; exit 1; }; echo Restored ;;
get) echo "$@" >>"$HOME/gets"; [ "$(wc -l <"$HOME/gets")" -eq 1 ] || echo "$END" ;;
esac
"""
Played: TypeAlias = subprocess.CompletedProcess[str]
ROWS = "select md5(string_agg(t::text, E'\\n' order by t::text)) from (select * from item) t"


def command(sha256: str = "a" * 64, namespace: str = "shop", name: str = "shop-db", folder: str = "shop") -> str:
    path = f"{folder}/shop-2-aa-1.dump"
    program = CLIENTS["PostgreSQL"].restore
    return restore_command(program, namespace, BACKUPS, path, sha256, "postgres:15", name, "url")


def manifest(text: str, home: Path) -> dict[str, Any]:
    """Run the command in a shell, and return what it hands to kubectl."""
    done = played(text, home, "SuccessCriteriaMet Complete")
    said = "Waiting for the pod of job.batch/restore-xyz\nRestored\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    found: dict[str, Any] = yaml.safe_load((home / "manifest").read_text())
    return found


WAITS = 'container "restore" in pod "restore-xyz-1" is waiting to start: '


def played(text: str, home: Path, end: str, refusal: str = f"{WAITS}ContainerCreating") -> Played:
    """Run the command in a shell, before a Job that ends with these conditions and refuses its log at first."""
    (home / "kubectl").write_text(KUBECTL)
    (home / "kubectl").chmod(0o755)
    env = {"PATH": f"{home}:/usr/bin:/bin", "HOME": str(home), "END": end, "REFUSAL": refusal}
    return subprocess.run(["sh", "-uc", text], env=env, capture_output=True, text=True, check=False)


def restored(runner: Runner, home: Path, text: str, url: str) -> subprocess.CompletedProcess[str]:
    container = manifest(text, home)["spec"]["template"]["spec"]["containers"][0]
    assert [(m["mountPath"], m["readOnly"]) for m in container["volumeMounts"]] == [(FOLDER, True)]
    env = {"URL": url, "PATH": "/usr/bin:/bin", "RELEASEFLOW_BACKUPS": str(runner.backups)}
    run = [*as_account(ACCOUNT), *container["command"], *container["args"]]
    return subprocess.run(run, env=env, capture_output=True, text=True, check=False)


def test_it_restores_the_backup_row_by_row(server: Server, database: str, runner: Runner, tmp_path: Path) -> None:
    dump = runner.backed_up(server.url(database)).report
    before = server.sql(database, ROWS)
    schema = runner.run("report", server.url(database)).report
    server.sql(database, "delete from item where id % 2 = 0; update item set name = 'changed'")
    server.create("fresh")
    done = restored(runner, tmp_path, command(sha256=dump["sha256"]), server.url("fresh"))
    assert done.returncode == 0, done.stderr
    assert server.sql("fresh", ROWS) == before != server.sql(database, ROWS)
    after = runner.run("report", server.url("fresh")).report
    assert (after["fingerprint"], after["schemaVersion"]) == (schema["fingerprint"], schema["schemaVersion"])


def test_it_restores_nothing_into_a_database_that_is_not_empty(
    server: Server, database: str, runner: Runner, tmp_path: Path
) -> None:
    dump = runner.backed_up(server.url(database)).report
    server.sql(database, "delete from item")
    done = restored(runner, tmp_path, command(sha256=dump["sha256"]), server.url(database))
    assert done.returncode != 0
    assert done.stdout.endswith("Nothing was restored: the database is not empty\n")
    assert not done.stderr
    assert server.sql(database, "select count(*) from item") == "0"


def test_what_belongs_to_an_extension_does_not_count_and_an_extension_may_be_there_already(
    server: Server, database: str, runner: Runner, tmp_path: Path
) -> None:
    server.sql(database, 'create extension pg_trgm; create table kept (id int); alter table kept owner to "shop@one"')
    dump = runner.backed_up(server.url(database)).report
    server.create("prepared")
    server.sql("prepared", "create extension pg_trgm; create table of_an_extension (id int)")
    server.sql("prepared", "alter extension pg_trgm add table of_an_extension")
    done = restored(runner, tmp_path, command(sha256=dump["sha256"]), server.url("prepared"))
    assert (done.returncode, done.stderr) == (0, "")
    assert server.sql("prepared", ROWS) == server.sql(database, ROWS)
    again = restored(runner, tmp_path, command(sha256=dump["sha256"]), server.url("prepared"))
    assert again.stdout.endswith("Nothing was restored: the database is not empty\n")


def test_it_restores_no_other_file(server: Server, database: str, runner: Runner, tmp_path: Path) -> None:
    runner.backed_up(server.url(database))
    server.create("untouched")
    done = restored(runner, tmp_path, command(sha256="b" * 64), server.url("untouched"))
    assert done.returncode != 0
    assert "FAILED" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_it_waits_for_the_end_of_its_job_and_fails_with_it(tmp_path: Path) -> None:
    done = played(command(), tmp_path, "FailureTarget Failed")
    assert done.returncode == 1
    asked = (tmp_path / "logs").read_text().splitlines() + (tmp_path / "gets").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["logs", "logs", "get", "get"]
    assert all("-n shop" in line and "job.batch/restore-xyz" in line for line in asked)


def test_a_log_that_may_not_be_read_is_reported_and_the_end_of_the_job_counts(tmp_path: Path) -> None:
    refusal = 'Error from server (Forbidden): pods "restore-xyz-1" is forbidden: cannot get resource "pods/log"'
    done = played(command(), tmp_path, "Complete", refusal)
    assert (done.returncode, done.stderr) == (0, f"{refusal}\n")
    assert len((tmp_path / "logs").read_text().splitlines()) == 1, "it is not asked for again"


@pytest.mark.parametrize(
    "refusal", [f"{WAITS}trying and failing to pull image", "error: timed out waiting for the condition"]
)
def test_a_pod_that_does_not_start_is_reported_and_waited_for(tmp_path: Path, refusal: str) -> None:
    done = played(command(), tmp_path, "Complete", refusal)
    assert (done.returncode, done.stderr) == (0, f"{refusal}\n")
    assert done.stdout.endswith("Restored\n")


def test_its_job_goes_an_hour_after_its_end(tmp_path: Path) -> None:
    assert manifest(command(), tmp_path)["spec"]["ttlSecondsAfterFinished"] == 3600


def test_its_first_line_says_which_secret_to_change(tmp_path: Path) -> None:
    text = command()
    assert text.startswith("SECRET=shop-db ")
    assert text.count("shop-db") == 1
    job = manifest(text.replace("shop-db", "scratch-db", 1), tmp_path)
    env = job["spec"]["template"]["spec"]["containers"][0]["env"][0]
    assert env["valueFrom"]["secretKeyRef"] == {"name": "scratch-db", "key": "url"}


@pytest.mark.parametrize("length", [1, 253])
def test_it_fits_into_the_status(length: int) -> None:
    text = command(namespace="n" * min(length, 63), name="s" * length, folder="f" * length)
    assert len(text) <= LONGEST
    assert "shop-2-aa-1.dump" in text

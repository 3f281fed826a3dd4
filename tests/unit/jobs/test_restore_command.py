"""The restore command, run as a person would run it, with a replacement of kubectl; and the program that it runs."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from releaseflow.core.run.restore import LONGEST, restore_command
from releaseflow.destinations.mounted_folder import FOLDER
from tests.support.builders import BACKUPS
from tests.support.postgresql import PASSWORD, Server
from tests.unit.jobs.conftest import Outcome, Runner

FILE = "shop/shop-2-aa-1.dump"
ROWS = "select md5(string_agg(t::text, E'\\n' order by t::text)) from (select * from item) t"


def command(sha256: str = "a" * 64, namespace: str = "shop", image: str = "client:1", path: str = FILE) -> str:
    return restore_command(namespace, BACKUPS.access("b", read_only=True), path, sha256, image, "PostgreSQL")


def words_of(text: str, home: Path) -> list[str]:
    """Run the command in a shell, and return what it hands to kubectl."""
    (home / "kubectl").write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    (home / "kubectl").chmod(0o755)
    env = {"PATH": f"{home}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-uc", text], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


def pod(words: list[str]) -> dict[str, Any]:
    [overrides] = [word.partition("=")[2] for word in words if word.startswith("--overrides=")]
    found: dict[str, Any] = json.loads(overrides)["spec"]
    return found


def restored(runner: Runner, url: str, sha256: str) -> Outcome:
    """Run what the command runs, in the place of its pod."""
    env = {"RELEASEFLOW_DATABASE_URL": url}
    words = shlex.split(command(sha256=sha256)).index("releaseflow.steps")
    return runner.run(" ".join(shlex.split(command(sha256=sha256))[words + 1 :]), env=env)


def test_it_restores_the_backup_row_by_row(server: Server, database: str, runner: Runner) -> None:
    backup = runner.backed_up(server.url(database)).report
    before = server.sql(database, ROWS)
    schema = runner.run("report", server.url(database)).report
    server.sql(database, "delete from item where id % 2 = 0; update item set name = 'changed'")
    server.create("fresh")
    done = restored(runner, server.url("fresh"), backup["sha256"])
    assert done.exit_code == 0, done
    assert done.output.endswith("Restored\n")
    assert server.sql("fresh", ROWS) == before != server.sql(database, ROWS)
    after = runner.run("report", server.url("fresh")).report
    assert (after["fingerprint"], after["schemaVersion"]) == (schema["fingerprint"], schema["schemaVersion"])


def test_it_restores_nothing_into_a_database_that_is_not_empty(server: Server, database: str, runner: Runner) -> None:
    backup = runner.backed_up(server.url(database)).report
    server.sql(database, "delete from item")
    done = restored(runner, server.url(database), backup["sha256"])
    assert done.exit_code == 1
    assert done.output.endswith("Nothing was restored: the database is not empty\n")
    assert server.sql(database, "select count(*) from item") == "0"


def test_what_belongs_to_an_extension_does_not_count_and_an_extension_may_be_there_already(
    server: Server, database: str, runner: Runner
) -> None:
    server.sql(database, 'create extension pg_trgm; create table kept (id int); alter table kept owner to "shop@one"')
    backup = runner.backed_up(server.url(database)).report
    server.create("prepared")
    server.sql("prepared", "create extension pg_trgm; create table of_an_extension (id int)")
    server.sql("prepared", "alter extension pg_trgm add table of_an_extension")
    done = restored(runner, server.url("prepared"), backup["sha256"])
    assert done.exit_code == 0, done
    assert server.sql("prepared", ROWS) == server.sql(database, ROWS)
    again = restored(runner, server.url("prepared"), backup["sha256"])
    assert again.output.endswith("Nothing was restored: the database is not empty\n")


def test_a_restore_that_fails_half_way_leaves_nothing(server: Server, database: str, runner: Runner) -> None:
    backup = runner.backed_up(server.url(database)).report
    server.create("occupied")
    server.sql("occupied", "create view cheap as select 1 as id")
    done = restored(runner, server.url("occupied"), backup["sha256"])
    assert done.exit_code == 1
    assert 'relation "cheap" already exists' in done.output
    assert server.sql("occupied", "select to_regclass('item') is null and to_regtype('size') is null") == "t"


def test_it_restores_no_other_file(server: Server, database: str, runner: Runner) -> None:
    runner.backed_up(server.url(database))
    server.create("untouched")
    done = restored(runner, server.url("untouched"), "b" * 64)
    assert done.exit_code == 1
    assert "is another file: its sha256 is" in done.output
    assert PASSWORD not in done.output


def test_a_file_that_is_not_there_is_reported(server: Server, runner: Runner) -> None:
    done = restored(runner, server.url("postgres"), "b" * 64)
    assert done.exit_code == 1
    assert f"{FILE} cannot be read: No such file or directory" in done.output


@pytest.mark.usefixtures("integration")
def test_without_the_secret_it_says_how_to_make_one(runner: Runner) -> None:
    done = restored(runner, "", "b" * 64)
    assert done.exit_code == 1
    assert "Nothing was restored: make an empty database, and a Secret restore-into" in done.output


def test_it_is_one_line_that_runs_a_pod_and_waits_for_it(tmp_path: Path) -> None:
    assert "\n" not in command()
    words = words_of(command(sha256="c" * 64), tmp_path)
    assert words[:4] == ["run", "releaseflow-restore", "-n", "shop"]
    assert {"--image=client:1", "--restart=Never", "--rm", "--attach"} <= set(words)
    assert words[-4:] == ["releaseflow.steps", "restore", FILE, "c" * 64]


def test_its_pod_reads_the_backup_and_takes_the_database_from_a_secret_of_its_own(tmp_path: Path) -> None:
    spec = pod(words_of(command(), tmp_path))
    [container] = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert container["name"] == "releaseflow-restore"
    assert container["volumeMounts"] == [{"name": "b", "mountPath": FOLDER, "readOnly": True}]
    url = {"secretKeyRef": {"name": "restore-into", "key": "url", "optional": True}}
    assert {"name": "RELEASEFLOW_DATABASE_URL", "valueFrom": url} in container["env"]


def test_it_fits_into_the_status_with_the_longest_names(tmp_path: Path) -> None:
    path = f"{'f' * 253}/{'r' * 253}-16.dump"
    text = command(namespace="n" * 63, image="i" * 512, path=path)
    assert len(text) <= LONGEST
    assert path in words_of(text, tmp_path)

"""The names of the migrations in an image against what a real database has as applied."""

from pathlib import Path
from typing import Any

import pytest

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.tools import PENDING_BY_FILES
from tests.support.postgresql import PASSWORD, Server
from tests.unit.jobs.conftest import Outcome, Runner
from tests.unit.jobs.restricted import violations
from tests.unit.jobs.test_steps import env, facts, pod

APPLIED = """
create table done (name text, ok boolean default true);
insert into done (name) values ('0001_a'), ('0002_b');
"""


@pytest.fixture
def folder(runner: Runner) -> Path:
    """The folder of migrations in an image: both are applied, and two files are no migrations."""
    folder = runner.scratch / "migrations"
    folder.mkdir()
    for name in ("0001_a.sql", "0002_b.sql", ".keep", "README.md"):
        (folder / name).touch()
    return folder


def asked(runner: Runner, url: str, folder: Path, **changes: Any) -> Outcome:
    known = {
        "ignored": r"^\.|\.md$",
        "migration_name": r"(.+)\.sql",
        "table": "done",
        "recorded": "select name from done where ok",
    }
    return runner.run("check", url, folder=str(folder), pending=str(PENDING_BY_FILES), **{**known, **changes})


def test_the_image_is_mounted_and_not_run_and_is_pulled_as_the_workload_pulls_it() -> None:
    template = pod(facts(StepType.CHECK, migration={"tool": "Knex", "check": {"folder": "/app/migrations"}}))
    [check] = template["containers"]
    assert check["image"] == "postgres:18"
    assert check["command"][-1] == "check"
    assert env(check)["RELEASEFLOW_FOLDER"] == "/image/app/migrations"
    assert check["volumeMounts"] == [{"name": "releaseflow-image", "mountPath": "/image", "readOnly": True}]
    image = {"reference": "shop:2", "pullPolicy": "Always"}
    assert template["volumes"] == [{"name": "releaseflow-image", "image": image}]
    assert template["imagePullSecrets"] == [{"name": "registry"}]
    assert list(violations({"spec": template})) == []


def test_nothing_is_pending_where_both_are_the_same(
    server: Server, database: str, runner: Runner, folder: Path
) -> None:
    server.as_owner(database, APPLIED)
    answer = asked(runner, server.url(database), folder)
    assert (answer.exit_code, answer.message) == (
        0,
        "Every migration in the image is recorded as applied, and no other",
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("delete from done where name = '0002_b'", "not applied: 0002_b"),
        ("update done set ok = false where name = '0002_b'", "not applied: 0002_b"),
        ("insert into done (name) values ('0003_c')", "applied, and not in the image: 0003_c"),
        ("drop table done", "not applied: 0001_a, 0002_b"),
        ('alter table done owner to postgres; revoke all on done from "shop@one"', "not applied: 0001_a, 0002_b"),
        ("update done set name = '0002_x' where name = '0002_b'", "not applied: 0002_b; applied, and not in the image"),
        ("insert into done (name) select 'x' || n from generate_series(1, 9) n", "image: x1, x2, x3 and 6 more"),
    ],
)
def test_any_difference_counts_as_pending(  # noqa: PLR0913, PLR0917 - fixtures, and a row of the table
    server: Server, database: str, runner: Runner, folder: Path, change: str, says: str
) -> None:
    server.as_owner(database, APPLIED)
    server.sql(database, change)
    answer = asked(runner, server.url(database), folder)
    assert answer.exit_code == PENDING_BY_FILES
    assert says in answer.message


@pytest.mark.parametrize("file", ["0003_c.sql", "0003_c.rs", "0003_c", "later/0001.sql"])
def test_a_file_more_counts_as_pending_also_where_its_name_is_unknown(
    server: Server, database: str, runner: Runner, folder: Path, file: str
) -> None:
    server.as_owner(database, APPLIED)
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).touch()
    assert asked(runner, server.url(database), folder).exit_code == PENDING_BY_FILES


def test_no_answer_is_given_without_migrations_a_folder_or_a_database(
    server: Server, database: str, runner: Runner, folder: Path
) -> None:
    url = server.url(database)
    server.as_owner(database, APPLIED)
    outcomes = [
        asked(runner, url, folder, ignored=".", recorded="select name from done where false"),
        asked(runner, url, folder / "nowhere"),
        asked(runner, url, folder, recorded="select nothing from done"),
        asked(runner, server.url(database, port=1), folder),
    ]
    assert [outcome.exit_code for outcome in outcomes] == [1] * len(outcomes)
    for outcome, says in zip(
        outcomes, ("there is no migration in", "cannot be read (No such file", "column", "refused"), strict=True
    ):
        assert says in outcome.message
        assert PASSWORD not in outcome.message


def test_a_name_is_compared_whole_whatever_it_is_made_of(
    server: Server, database: str, runner: Runner, folder: Path
) -> None:
    server.as_owner(database, APPLIED)
    odd = 'a "b", c;\\ü.sql'
    (folder / odd).touch()
    server.sql(database, f"insert into done (name) values ($x${odd.removesuffix('.sql')}$x$)")
    assert asked(runner, server.url(database), folder).exit_code == 0

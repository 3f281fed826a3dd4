"""A PostgreSQL backup, taken and proven for real; and every bad day that must stop a release."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.reports import (
    DumpReport,
    ProofReport,
    SchemaReport,
    dump_report,
    proof_report,
    schema_report,
)
from tests.support.postgresql import PASSWORD, Server
from tests.unit.jobs.backups import reason
from tests.unit.jobs.conftest import Runner


def test_a_good_backup_says_what_it_is_and_is_proven(server: Server, database: str, runner: Runner) -> None:
    url = server.url(database)
    report = runner.backed_up(url)
    dump = dump_report(report.message)
    assert isinstance(dump, DumpReport)
    assert dump.path == "shop/shop-2-aa-1.dump"
    assert dump.size_bytes == runner.file.stat().st_size
    assert (dump.tables, dump.schema_version) == (2, "2 applied, last: shop.0002_stock")
    assert dump.server_version == dump.client_version.split()[0]
    proof = proof_report(report.message)
    assert isinstance(proof, ProofReport)
    assert (proof.sha256, proof.size_bytes) == (dump.sha256, dump.size_bytes)
    assert "2 tables" in proof.proof


def test_the_command_that_restores_a_backup_is_in_the_manifest_beside_it(
    server: Server, database: str, runner: Runner
) -> None:
    outcome = runner.run("backup", server.url(database), restore="kubectl run it <SHA256>")
    manifest = json.loads(runner.file.with_suffix(".json").read_text())
    assert manifest["restoreCommand"] == f"kubectl run it {outcome.report['sha256']}"
    assert {path.name for path in runner.file.parent.iterdir()} == {"shop-2-aa-1.dump", "shop-2-aa-1.json"}


def test_the_report_after_a_migration_agrees_with_the_dump_before_it(
    server: Server, database: str, runner: Runner
) -> None:
    url = server.url(database)
    dump = dump_report(runner.backed_up(url).message)
    schema = schema_report(runner.run("report", url).message)
    assert isinstance(schema, SchemaReport)
    assert isinstance(dump, DumpReport)
    assert (schema.identity, schema.fingerprint) == (dump.identity, dump.fingerprint)
    assert (schema.schema_version, schema.tables) == (dump.schema_version, dump.tables)


def test_a_database_has_an_identity_of_its_own_that_stays(server: Server, database: str, runner: Runner) -> None:
    first = runner.run("report", server.url(database)).report["identity"]
    server.as_owner(database, "create table later (id int)")
    assert runner.run("report", server.url(database)).report["identity"] == first
    assert runner.run("report", server.create("second")).report["identity"] != first


def test_the_manifest_beside_the_backup_holds_what_the_report_says(
    server: Server, database: str, runner: Runner
) -> None:
    outcome = runner.backed_up(server.url(database))
    manifest = json.loads(runner.file.with_suffix(".json").read_text())
    said = {k: v for k, v in outcome.report.items() if k not in {"ok", "warning"}}
    assert manifest == said | {"database": database, "restoreCommand": f"# restores {said['sha256']}\n"}


def test_an_empty_database_can_be_backed_up(server: Server, runner: Runner) -> None:
    server.create("nothing")
    dump = dump_report(runner.backed_up(server.url("nothing")).message)
    assert isinstance(dump, DumpReport)
    assert (dump.tables, dump.schema_version) == (0, "")


def test_a_wrong_password_is_reported_and_not_repeated(server: Server, database: str, runner: Runner) -> None:
    outcome = runner.run("backup", server.url(database, password="tr0ub4dor&3"))  # noqa: S106 (wrong on purpose)
    assert reason(outcome) is Reason.AUTHENTICATION_FAILED
    assert "tr0ub4dor" not in outcome.message + outcome.output


def test_a_missing_password_is_reported(server: Server, database: str, runner: Runner) -> None:
    assert reason(runner.run("backup", f"postgres://shop%40one@127.0.0.1:{server.port}/{database}")) is (
        Reason.AUTHENTICATION_FAILED
    )


def test_an_unknown_user_is_reported(server: Server, database: str, runner: Runner) -> None:
    assert reason(runner.run("backup", f"postgres://nobody:x@127.0.0.1:{server.port}/{database}")) is (
        Reason.AUTHENTICATION_FAILED
    )


def test_a_missing_database_is_reported(server: Server, runner: Runner) -> None:
    assert reason(runner.run("backup", server.url("elsewhere"))) is Reason.DATABASE_NOT_FOUND


def test_a_closed_port_is_reported(server: Server, database: str, runner: Runner) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        outcome = runner.run("backup", server.url(database, port=closed.getsockname()[1]))
    assert reason(outcome) is Reason.CONNECTION_FAILED


@pytest.mark.usefixtures("integration")
def test_a_host_without_an_address_is_reported(runner: Runner) -> None:
    assert reason(runner.run("backup", "postgres://u:p@nowhere.invalid/shop")) is Reason.CONNECTION_FAILED


@pytest.mark.parametrize("url", ["mysql://u:p@h/db", "postgres://u:half/secret@h/db", "postgres://u:12?secret@h/x"])
def test_a_url_that_cannot_be_read_is_reported_without_its_password(runner: Runner, url: str) -> None:
    outcome = runner.run("backup", url)
    assert reason(outcome) is Reason.CONNECTION_FAILED
    assert "the connection URL" in outcome.message
    assert "secret" not in outcome.message + outcome.output


@pytest.mark.parametrize("url", ["", "$(RELEASEFLOW_APP_SHOP_URL)"])
def test_a_variable_that_is_empty_or_absent_is_reported(runner: Runner, url: str) -> None:
    outcome = runner.run("backup", url)
    assert reason(outcome) is Reason.CONNECTION_NOT_FOUND
    assert ("SHOP_URL" if url else "is empty") in outcome.message


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgis"])
def test_the_url_may_be_written_as_applications_write_it(
    server: Server, database: str, runner: Runner, scheme: str
) -> None:
    url = server.url(database).replace("postgresql+psycopg", scheme)
    query = "?sslmode=prefer&conn_max_age=60&application_name=other&password=ignored".replace(
        "password=ignored", "ssl=1"
    )
    runner.backed_up(f"\n{url}{query}\n")


def test_the_url_may_come_by_its_own_variable(server: Server, database: str, runner: Runner) -> None:
    outcome = runner.run("backup", "mysql://of-the-application", env={"RELEASEFLOW_DATABASE_URL": server.url(database)})
    assert outcome.exit_code == 0, outcome


def test_the_connection_may_come_by_separate_variables(server: Server, database: str, runner: Runner) -> None:
    separate = {"HOST": "127.0.0.1", "PORT": str(server.port), "USERNAME": "shop@one", "PASSWORD": PASSWORD}
    separate |= {"DATABASE": database, "OPTIONS": "?sslmode=prefer&connect_timeout=5"}
    env = {f"RELEASEFLOW_DATABASE_{name}": value for name, value in separate.items()}
    outcome = runner.run("backup", env=env)
    assert outcome.exit_code == 0, outcome
    assert reason(runner.run("backup", env=env | {"RELEASEFLOW_DATABASE_PASSWORD": "it's \\ wrong"})) is (
        Reason.AUTHENTICATION_FAILED
    )


def test_the_password_may_be_in_the_query(server: Server, database: str, runner: Runner) -> None:
    userinfo, rest = server.url(database).removeprefix("postgresql+psycopg://shop%40one:").split("@", 1)
    runner.backed_up(f"postgres://shop%40one@{rest}?password={userinfo}")


def test_the_password_is_on_no_command_line(server: Server, database: str, runner: Runner) -> None:
    recorders = runner.scratch / "bin"
    recorders.mkdir()
    for name in ("psql", "pg_dump", "pg_restore"):
        recorder = recorders / name
        recorder.write_text(f'#!/bin/sh\necho {name} "$@" >>{runner.scratch}/seen\nexec {shutil.which(name)} "$@"\n')
        recorder.chmod(0o755)
    outcome = runner.run("backup", server.url(database), env={"PATH": f"{recorders}:{os.environ['PATH']}"})
    assert outcome.exit_code == 0, outcome
    seen = (runner.scratch / "seen").read_text()
    assert "pg_dump --no-password" in seen
    assert "psql --no-psqlrc" in seen
    assert "p@ss" not in seen
    assert "p%40ss" not in seen


def test_a_backup_that_is_too_small_is_not_believed(server: Server, database: str, runner: Runner) -> None:
    outcome = runner.run("backup", server.url(database), minimum_size_bytes=str(10**9))
    assert reason(outcome) is Reason.BACKUP_TOO_SMALL
    assert list(runner.file.parent.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="mounts a small file system")
def test_a_full_volume_is_reported_and_nothing_is_left_on_it(server: Server, database: str, runner: Runner) -> None:
    server.as_owner(database, "create table big as select gen_random_uuid() from generate_series(1, 100000)")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", runner.backups], check=True)
    try:
        assert reason(runner.run("backup", server.url(database))) is Reason.VOLUME_FULL
        assert list(runner.file.parent.iterdir()) == []
    finally:
        subprocess.run(["umount", runner.backups], check=True)


def test_a_volume_that_cannot_be_written_is_reported(server: Server, database: str, runner: Runner) -> None:
    runner.backups.chmod(0o555)
    assert reason(runner.run("backup", server.url(database))) is Reason.BACKUP_FAILED


@pytest.mark.parametrize("step", ["backup", "point"])
def test_a_session_of_another_run_stops_the_backup_but_one_of_its_own_does_not(
    server: Server, database: str, runner: Runner, step: str
) -> None:
    sleeper = subprocess.Popen(
        ["psql", "-h", str(server.directory), "-p", str(server.port), "-U", "postgres", "-d", database],
        env=os.environ | {"PGAPPNAME": "releaseflow-shop-1-zz"}, stdin=subprocess.PIPE,
    )  # fmt: skip
    try:
        until(lambda: "shop-1-zz" in server.sql(database, "select application_name from pg_stat_activity"))
        outcome = runner.run(step, server.url(database))
        assert reason(outcome) is Reason.SESSIONS_ALIVE
        assert "releaseflow-shop-1-zz" in outcome.message
        assert runner.run(step, server.url(database), run="shop-1-zz").exit_code == 0
    finally:
        sleeper.terminate()
        sleeper.communicate()


def test_a_client_older_than_the_server_is_reported(server: Server, database: str, runner: Runner) -> None:
    old = runner.scratch / "bin"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (old / "pg_dump").chmod(0o755)
    outcome = runner.run("backup", server.url(database), env={"PATH": f"{old}:{os.environ['PATH']}"})
    assert reason(outcome) is Reason.CLIENT_TOO_OLD


def test_a_lost_connection_is_reported(server: Server, database: str, runner: Runner) -> None:
    server.as_owner(
        database, "create table big as select gen_random_uuid(), md5(n::text) from generate_series(1, 400000) n"
    )
    process = runner.start("backup", server.url(database))
    busy = "select pid from pg_stat_activity where query like 'COPY%' and application_name like 'releaseflow-%'"
    until(lambda: server.sql(database, busy))
    os.kill(int(server.sql(database, busy)), signal.SIGTERM)
    outcome = runner.ended(process)
    assert reason(outcome) in {Reason.CONNECTION_FAILED, Reason.BACKUP_FAILED}
    assert list(runner.file.parent.iterdir()) == []


def until(is_true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)

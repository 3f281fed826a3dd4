"""A point in time of a real PostgreSQL: a second and a position between what was and what comes."""

import json
import re
from datetime import UTC, datetime, timedelta

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.run.reports import DumpReport, FailureReport, PointReport, dump_report, point_report
from tests.support.postgresql import PASSWORD, Server
from tests.unit.jobs.conftest import Outcome, Runner


def report(outcome: Outcome) -> PointReport:
    found = point_report(outcome.message)
    assert isinstance(found, PointReport), outcome
    return found


def failed(outcome: Outcome) -> FailureReport:
    found = point_report(outcome.message)
    assert outcome.exit_code == 1, outcome
    assert isinstance(found, FailureReport), outcome
    return found


def test_it_says_of_the_database_what_a_backup_says(server: Server, database: str, runner: Runner) -> None:
    url = server.url(database)
    dump, point = dump_report(runner.backed_up(url).message), report(runner.run("point", url))
    assert isinstance(dump, DumpReport)
    assert (point.identity, point.fingerprint) == (dump.identity, dump.fingerprint)
    assert (point.tables, point.schema_version) == (dump.tables, dump.schema_version)
    assert (point.server_version, point.client_version) == (dump.server_version, dump.client_version.split()[0])


def test_the_point_lies_behind_all_that_was_and_before_all_that_comes(
    server: Server, database: str, runner: Runner
) -> None:
    server.as_owner(database, "create table things (name text)")
    server.as_owner(database, "insert into things values ('before')")
    position = server.sql(database, "select pg_current_wal_insert_lsn()")
    before = datetime.now(UTC)
    point = report(runner.run("point", server.url(database)))
    after = datetime.now(UTC)
    second = datetime.strptime(point.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert before <= second <= after
    assert second - before <= timedelta(seconds=5)
    ordered = f"select '{position}'::pg_lsn <= '{point.lsn}' and '{point.lsn}'::pg_lsn <= pg_current_wal_insert_lsn()"
    assert server.sql(database, ordered) == "t"


def test_the_clock_is_the_servers_and_in_utc(server: Server, database: str, runner: Runner) -> None:
    server.sql("postgres", f"alter database \"{database}\" set timezone = 'Asia/Kolkata'")
    server.sql("postgres", f"alter database \"{database}\" set datestyle = 'German'")
    point = report(runner.run("point", server.url(database)))
    second = datetime.strptime(point.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - second) < timedelta(seconds=30)


def test_where_the_position_may_not_be_asked_for_there_is_the_second(
    server: Server, database: str, runner: Runner
) -> None:
    server.sql(database, "revoke execute on function pg_current_wal_insert_lsn() from public")
    point = report(runner.run("point", server.url(database)))
    assert (point.lsn, bool(point.time)) == ("", True)


def test_a_standby_is_refused(server: Server, database: str, runner: Runner) -> None:
    server.as_owner(database, "create schema stand_in")
    server.as_owner(database, "create function stand_in.pg_is_in_recovery() returns bool return true")
    server.sql("postgres", f'alter database "{database}" set search_path = stand_in, pg_catalog, public')
    refusal = failed(runner.run("point", server.url(database)))
    assert refusal.reason is Reason.BACKUP_FAILED
    assert refusal.detail == "the database is a standby: name its primary, which alone can be migrated"


def test_a_wrong_password_is_reported_and_shown_nowhere(server: Server, database: str, runner: Runner) -> None:
    outcome = runner.run("point", server.url(database, password=PASSWORD + "."))
    assert failed(outcome).reason is Reason.AUTHENTICATION_FAILED
    good = runner.run("point", server.url(database))
    assert PASSWORD not in good.output + good.message
    assert re.fullmatch(r"[0-9A-F]+/[0-9A-F]+", json.loads(good.message)["recoveryLSN"])

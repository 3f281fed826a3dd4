"""What a failed migration left is asked once its sessions have ended: a killed client's statement goes on."""

import threading
import time

from releaseflow.core.run.reports import SchemaReport, schema_report
from tests.support.postgresql import Server
from tests.unit.jobs.conftest import Runner

SESSION = "releaseflow-shop-2-aa"


def test_what_a_statement_that_goes_on_still_changes_is_seen(server: Server, database: str, runner: Runner) -> None:
    before = schema_report(runner.run("report", server.url(database)).message)
    late = f"set application_name = '{SESSION}'; begin; select pg_sleep(4); create table late (id int); commit"
    going_on = threading.Thread(target=server.as_owner, args=(database, late))
    going_on.start()
    asked = f"select count(*) from pg_stat_activity where application_name = '{SESSION}'"
    while server.sql(database, asked) == "0":
        time.sleep(0.1)

    outcome = runner.ended(runner.start("state", server.url(database), run="shop-2-aa-report"))

    going_on.join()
    assert f"Waiting for sessions to end: {SESSION}" in outcome.output
    after = schema_report(outcome.message)
    assert isinstance(before, SchemaReport)
    assert isinstance(after, SchemaReport)
    assert after.tables == before.tables + 1
    assert after.fingerprint != before.fingerprint

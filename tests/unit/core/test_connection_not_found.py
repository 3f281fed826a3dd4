"""A run whose application lacks the variable with the connection waits, and says what to write."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releaseflow.api.v1alpha1.database import Database
from releaseflow.api.v1alpha1.lock_key import effective_lock_key
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Trigger
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.core.decision import Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow.history import database_hash
from releaseflow.core.run.decide import decide
from releaseflow.core.run.facts import FlowForRun, WorkloadFacts
from releaseflow.core.run.lock import database_is_locked
from releaseflow.core.run.variables import LONGEST, MOST, line_to_write, look_like_a_connection
from tests.support import builders
from tests.support.builders import NEW
from tests.support.pod_outcomes import backup_failed
from tests.unit.core.world import World

CHECK, BACKUP = StepType.CHECK, StepType.BACKUP

LACKS = WorkloadFacts(container="web", variables=("PORT", "SHOP_DB_URL", "REDIS_URL"), missing=("DATABASE_URL",))


def test_no_lock_is_taken_and_the_message_has_the_line_to_write() -> None:
    facts = builders.run(lock=ABSENT, workload=LACKS)
    verdict = database_is_locked(facts).verdict
    assert isinstance(verdict, Waiting)
    assert verdict.action is ABSENT
    assert verdict.reason is Reason.CONNECTION_NOT_FOUND
    assert verdict.message == (
        "Deployment shop, container web, has no variable DATABASE_URL. What looks like a connection: SHOP_DB_URL,"
        " REDIS_URL. Write database: {fromEnv: {url: SHOP_DB_URL}}: kubectl edit rflow shop -n team"
    )


def test_a_run_by_hand_shows_how_to_see_what_its_workload_has() -> None:
    facts = builders.run(lock=ABSENT, workload=LACKS, spec=builders.run_spec(flowRef=None))
    verdict = database_is_locked(facts).verdict
    assert isinstance(verdict, Waiting)
    assert "kubectl get deployment shop -n team" in verdict.message


def test_a_run_ends_when_the_variable_does_not_come() -> None:
    seconds = builders.run_spec().jobs.start_deadline_seconds
    facts = builders.run(lock=ABSENT, workload=LACKS)
    late = replace(facts, now=facts.now + timedelta(seconds=seconds + 1))
    assert decide(late).status.outcome is Reason.CONNECTION_NOT_FOUND


def test_what_our_program_misses_in_the_pod_is_said_with_the_line_to_write(world: World) -> None:
    world.workload = WorkloadFacts(container="web", variables=("SHOP_DB_URL",))
    world.fates[BACKUP] = [backup_failed("ConnectionNotFound")]
    world.play()
    assert world.ready() == ("False", Reason.CONNECTION_NOT_FOUND)
    failure = world.run.status.failure
    assert failure is not None
    assert "Write database: {fromEnv: {url: SHOP_DB_URL}}" in failure.hint
    assert world.run.status.steps[-1].attempt == 1, "it would only fail again"

    world.fates.clear()
    world.edit(database={"fromEnv": {"url": "SHOP_DB_URL"}})
    world.play()
    assert (world.release.trigger, world.image()) == (Trigger.DATABASE_CHANGED, NEW)


def test_another_way_to_the_database_ends_a_run_whose_migration_has_not_begun(world: World) -> None:
    world.play(until=lambda w: any(step is CHECK for step, _ in w.jobs.values()))
    first = world.run
    world.edit(database={"fromEnv": {"url": "SHOP_DB_URL"}})
    world.play()
    assert first.status.outcome is Reason.SUPERSEDED
    assert (world.release.trigger, world.image()) == (Trigger.DATABASE_CHANGED, NEW)
    assert world.run.spec.database.from_env is not None


def test_a_run_of_a_changed_database_is_superseded_only_before_its_migration() -> None:
    changed = FlowForRun(NEW, 1, same_database=False)
    assert decide(builders.run(flow=changed)).status.outcome is Reason.SUPERSEDED


def test_no_run_is_made_for_a_database_that_was_changed_meanwhile(world: World) -> None:
    world.play(until=lambda w: w.flow.status.release is not None and not w.runs)
    world.edit(database={"fromEnv": {"url": "SHOP_DB_URL"}})
    world.play()
    assert len(world.runs) == 1
    assert (world.release.sequence, world.release.trigger) == (2, Trigger.DATABASE_CHANGED)


@pytest.mark.parametrize(("variables", "line"), [
    (["SHOP_DB_URL"], "{fromEnv: {url: SHOP_DB_URL}}"),
    (["REDIS_URL", "PRIMARY_DATABASE_URI"], "{fromEnv: {url: PRIMARY_DATABASE_URI}}"),
    (["SHOP_DSN"], "{fromEnv: {url: SHOP_DSN}}"),
    (
        ["DB_HOST", "DB_PORT", "DB_USER", "DB_PASS", "DB_NAME"],
        "{fromEnv: {host: DB_HOST, port: DB_PORT, username: DB_USER, password: DB_PASS, database: DB_NAME}}",
    ),
    (
        ["PGDATABASE", "PGHOST", "PGUSER", "PGPASSWORD"],
        "{fromEnv: {host: PGHOST, username: PGUSER, password: PGPASSWORD, database: PGDATABASE}}",
    ),
    (
        ["REDIS_URL", "POSTGRES_DB", "POSTGRES_HOST", "POSTGRES_PASSWORD", "POSTGRES_USER"],
        "{fromEnv: {host: POSTGRES_HOST, username: POSTGRES_USER, password: POSTGRES_PASSWORD, database: POSTGRES_DB}}",
    ),
    (["DB_HOST", "SMTP_HOST"], ""),
    (["PORT", "SMTP_HOST", "DEBUG"], ""),
])  # fmt: skip
def test_the_line_to_write_is_the_likeliest_way(variables: list[str], line: str) -> None:
    assert line_to_write(look_like_a_connection(variables)) == line


def test_only_names_are_shown_and_not_too_many_or_too_long() -> None:
    found = look_like_a_connection(["DB_" + "X" * LONGEST, *(f"DB_{number}_URL" for number in range(100))])
    assert len(found) == MOST
    assert all(len(name) <= LONGEST for name in found)


def test_a_message_for_a_container_without_a_hint_names_both_other_ways() -> None:
    facts = builders.run(lock=ABSENT, workload=replace(LACKS, variables=("PORT",)))
    verdict = database_is_locked(facts).verdict
    assert isinstance(verdict, Waiting)
    assert "None looks like a connection. Name the right ones in database.fromEnv, or write" in verdict.message


SHOP = WorkloadRef(kind="StatefulSet", name="shop", container="web")


@pytest.mark.parametrize(("fields", "key"), [
    ({}, "StatefulSet/shop/DATABASE_URL"),
    ({"fromEnv": {"url": "A"}}, "StatefulSet/shop/A"),
    ({"fromEnv": {"host": "H", "database": "D", "password": "P"}}, "StatefulSet/shop/H/D"),
    ({"urlSecretRef": {"name": "shop-db", "key": "url"}}, "shop-db/url"),
    ({"parameters": {"host": {"value": "db.svc"}, "database": {"value": "shop"}}}, "db.svc/shop"),
    (
        {
            "parameters": {
                "host": {"secretKeyRef": {"name": "a", "key": "host"}},
                "database": {"configMapKeyRef": {"name": "b", "key": "name"}},
            }
        },
        "a/host/b/name",
    ),
    ({"fromEnv": {"url": "A"}, "lockKey": "mine"}, "mine"),
])  # fmt: skip
def test_the_key_of_the_lock_is_made_of_the_spec_alone(fields: dict[str, object], key: str) -> None:
    assert effective_lock_key(Database.model_validate(fields), SHOP) == key


def test_without_a_workload_the_key_is_the_variable() -> None:
    assert effective_lock_key(Database(), None) == "DATABASE_URL"


def test_every_way_to_a_database_has_a_hash_of_its_own() -> None:
    url: dict[str, object] = {"urlSecretRef": {"name": "a", "key": "b"}}
    parts = {"host": {"value": "h"}, "database": {"value": "d"}}
    ways: tuple[dict[str, object], ...] = (
        {},
        {"fromEnv": {"url": "OTHER"}},
        {"fromEnv": {"host": "H", "database": "D"}},
        url,
        {**url, "urlEnvNames": ["OTHER"]},
        {**url, "urlEnvNames": []},
        {"parameters": parts},
        {"parameters": {**parts, "port": {"value": "1"}}},
        {"engine": "Other"},
    )
    assert len({database_hash(Database.model_validate(way)) for way in ways}) == len(ways)
    written = Database.model_validate({"fromEnv": {"url": "DATABASE_URL"}})
    assert database_hash(Database()) == database_hash(written), "the default by its name starts no release"
    assert database_hash(Database(client={"image": "pg:18"}, lock_key="x")) == database_hash(Database())

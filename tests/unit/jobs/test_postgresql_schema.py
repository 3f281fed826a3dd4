"""The fingerprint and the bookkeeping version: they move when the schema does, and not otherwise."""

from releaseflow.core.run.reports import SchemaReport, schema_report
from tests.support.postgresql import Server
from tests.unit.jobs.conftest import Runner

CHANGES = [
    "alter table item add column stock int",
    "alter table item alter name set default 'other'",
    "alter table item alter size set not null",
    "alter table django_migrations alter name type varchar(300)",
    "alter table item rename column price to cost",
    "drop index item_name",
    "create unique index on item (name, id)",
    "create index item_dear on item (cost) where cost > 100",
    "alter table item add constraint short check (length(name) < 1000) not valid",
    "create or replace view cheap as select id, name from item where cost < 20",
    "create materialized view dear as select * from item",
    "create or replace function double(x int) returns int language sql as 'select x + x'",
    "alter type size add value 'XL'",
    "create domain positive as int check (value > 0)",
    "create sequence numbers",
    "create schema other",
    "create table another (id int)",
    "create trigger t before update on item for each row execute function suppress_redundant_updates_trigger()",
    "alter table item enable row level security",
    "alter table django_migrations drop column name",
    "create policy mine on item using (cost > 0)",
]
NO_CHANGES = [
    "insert into item (name) values ('one more')",
    "update item set price = price + 1",
    "analyze item",
    "vacuum full item",
    "reindex table item",
    'alter table item owner to postgres; grant select on item, django_migrations to "shop@one"',
    "alter table item add column gone int; alter table item drop column gone",
    "select nextval('item_id_seq')",
]


def schema(server: Server, database: str, runner: Runner) -> SchemaReport:
    report = schema_report(runner.run("report", server.url(database)).message)
    assert isinstance(report, SchemaReport)
    return report


def test_every_change_of_the_schema_changes_the_fingerprint(server: Server, database: str, runner: Runner) -> None:
    seen = [schema(server, database, runner).fingerprint]
    for change in CHANGES:
        server.sql(database, change)
        seen.append(schema(server, database, runner).fingerprint)
        assert seen[-1] != seen[-2], change
    assert len(set(seen)) == len(seen)


def test_what_changes_no_schema_changes_no_fingerprint(server: Server, database: str, runner: Runner) -> None:
    before = schema(server, database, runner)
    for change in NO_CHANGES:
        server.sql(database, change)
        assert schema(server, database, runner) == before, change


def test_a_migration_that_only_moves_data_shows_in_the_version(server: Server, database: str, runner: Runner) -> None:
    before = schema(server, database, runner)
    server.sql(database, "insert into django_migrations (app, name) values ('shop', '0003_fill')")
    after = schema(server, database, runner)
    assert after.schema_version == "3 applied, last: shop.0003_fill"
    assert after.fingerprint == before.fingerprint


def test_a_bookkeeping_that_may_not_be_read_is_left_out(server: Server, database: str, runner: Runner) -> None:
    server.sql(
        database, 'alter table django_migrations owner to postgres; revoke all on django_migrations from "shop@one"'
    )
    assert schema(server, database, runner).schema_version == ""


def test_a_table_that_only_bears_the_name_of_a_bookkeeping_is_left_out(
    server: Server, database: str, runner: Runner
) -> None:
    server.sql(database, "alter table django_migrations rename column app to application")
    assert schema(server, database, runner).schema_version == ""
    runner.backed_up(server.url(database))


def test_two_databases_of_one_server_have_two_identities_and_a_renamed_one_keeps_its_own(
    server: Server, database: str, runner: Runner
) -> None:
    server.create("twin")
    first, second = schema(server, database, runner), schema(server, "twin", runner)
    assert first.identity != second.identity
    server.sql("postgres", "alter database twin rename to renamed")
    assert schema(server, "renamed", runner).identity == second.identity


def test_an_identity_is_found_where_the_cluster_keeps_its_number_to_itself(
    server: Server, database: str, runner: Runner
) -> None:
    with_number = schema(server, database, runner).identity
    server.sql(database, "revoke execute on function pg_control_system() from public")
    without = schema(server, database, runner).identity
    assert without not in {"", with_number}
    assert schema(server, database, runner).identity == without


def test_the_log_leaves_out_a_version_that_is_unknown(server: Server, database: str, runner: Runner) -> None:
    url = server.url(database)
    assert runner.run("report", url).output.startswith("Schema 2 applied, last: shop.0002_stock, 2 tables, ")
    server.sql(database, "drop table django_migrations")
    assert runner.run("report", url).output.startswith("1 tables, fingerprint ")


def test_the_number_of_migrations_comes_first_and_a_long_name_is_cut(
    server: Server, database: str, runner: Runner
) -> None:
    server.sql(database, f"insert into django_migrations (app, name) values ('shop', '0001_squashed_{'x' * 300}')")
    version = schema(server, database, runner).schema_version
    assert version.startswith("3 applied, last: shop.0001_squashed_xxx")
    assert len(version) == 250

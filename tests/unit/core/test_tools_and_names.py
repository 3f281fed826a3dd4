"""The commands of migration tools, and names that are the same whoever derives them."""

import pytest

from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.names import LONGEST, job_name, lock_name, run_name, short_version
from releaseflow.core.timestamps import duration
from releaseflow.core.tools import (
    bookkeeping,
    check_command,
    down_command,
    has_check,
    migrate_command,
    migration_image,
    way_down,
)
from releaseflow.presets.registry import PRESETS
from tests.support import builders


def test_a_tool_brings_its_own_commands() -> None:
    spec = builders.run_spec()
    assert migrate_command(spec.migration) == ("python", "manage.py", "migrate", "--noinput")
    assert check_command(spec) == ("python", "manage.py", "migrate", "--check")


def test_a_command_or_args_of_ones_own_have_no_check_of_their_own() -> None:
    for migration in ({"command": ["sh", "-c", "x"]}, {"args": ["migrate"]}):
        spec = builders.run_spec(migration=migration)
        assert not has_check(spec)
        assert migrate_command(spec.migration) == tuple(migration.get("command", ()))


def test_a_check_of_ones_own_is_used_and_never_means_never() -> None:
    assert check_command(builders.run_spec(migration={"tool": "Django", "check": {"command": ["x"]}})) == ("x",)
    assert not has_check(builders.run_spec(migration={"tool": "Django", "check": {"policy": "Never"}}))
    assert migrate_command(Migration(args=("x",))) == ()


def test_program_and_path_hold_for_check_and_migration() -> None:
    spec = builders.run_spec(migration={"tool": "Alembic", "program": ["poetry", "run", "alembic"], "path": "db/a.ini"})
    assert migrate_command(spec.migration) == ("poetry", "run", "alembic", "-c", "db/a.ini", "upgrade", "head")
    assert check_command(spec) == ("poetry", "run", "alembic", "-c", "db/a.ini", "current", "--check-heads")
    knex = builders.run_spec(migration={"tool": "Knex", "path": "db/knexfile.js"})
    words = ("node_modules/.bin/knex", "--knexfile", "db/knexfile.js", "migrate:latest")
    assert migrate_command(knex.migration) == words


@pytest.mark.parametrize(
    ("tool", "line", "words"),
    [
        ("Rails", "2 applied, last: 20260101000002", "bin/rails db:migrate VERSION=20260101000002"),
        ("Alembic", "0002", "alembic downgrade 0002"),
        ("Goose", "2 applied, last: 2", "goose down-to 2"),
        ("NodePgMigrate", "2 applied, last: 17_price", "node_modules/.bin/node-pg-migrate down 18 --timestamp"),
    ],
)
def test_a_way_down_goes_to_where_the_bookkeeping_was(tool: str, line: str, words: str) -> None:
    migration = builders.run_spec(migration={"tool": tool}).migration
    assert " ".join(down_command(migration, line)) == words


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ("Rails", "0 applied"),
        ("Alembic", "a1, b2"),
        ("Alembic", "no revision"),
        ("FlaskAlembic", "0002"),
        ("GolangMigrate", "2, dirty"),
        ("GolangMigrate", "no migration"),
        ("NodePgMigrate", "2 applied, last: price"),
    ],
)
def test_no_way_leads_down_to_what_is_no_single_version(tool: str, line: str) -> None:
    way = way_down(builders.run_spec(migration={"tool": tool}).migration)
    assert way is not ABSENT
    assert way.version_of(line) == ""


def test_a_way_down_takes_program_and_path() -> None:
    migration = builders.run_spec(
        migration={"tool": "Alembic", "program": ["poetry", "run", "alembic"], "path": "db/a.ini"}
    ).migration
    assert down_command(migration, "a1") == ("poetry", "run", "alembic", "-c", "db/a.ini", "downgrade", "a1")


def test_a_tool_without_a_way_down_has_no_command() -> None:
    django = builders.run_spec().migration
    assert way_down(django) is ABSENT
    with pytest.raises(ValueError, match="Django has no command that goes down"):
        down_command(django, "1")


def test_arguments_follow_the_migration_and_the_check_that_answers_for_them() -> None:
    django = builders.run_spec(migration={"tool": "Django", "arguments": ["--database=events"]})
    assert migrate_command(django.migration)[-2:] == ("--noinput", "--database=events")
    assert check_command(django)[-2:] == ("--check", "--database=events")
    alembic = builders.run_spec(migration={"tool": "Alembic", "arguments": ["--tag=x"]})
    assert migrate_command(alembic.migration) == ("alembic", "upgrade", "head", "--tag=x")
    assert not has_check(alembic), "its check would answer for another migration than the one that is asked for"
    both = {"tool": "Alembic", "arguments": ["--tag=x"], "check": {"command": ["x"]}}
    assert check_command(builders.run_spec(migration=both)) == ("x",)


@pytest.mark.parametrize(
    ("image", "released", "migrates"),
    [
        (None, "acme/shop:2", "acme/shop:2"),
        ("acme/migrator:7", "acme/shop@sha256:" + "a" * 64, "acme/migrator:7"),
        ("acme/migrator:$(TAG)", "localhost:5000/acme/shop:2", "acme/migrator:2"),
        ("acme/shop:$(TAG)-db", "acme/shop:2@sha256:" + "a" * 64, "acme/shop:2-db"),
    ],
)
def test_another_image_may_migrate_and_have_the_tag_of_the_released_one(
    image: str | None, released: str, migrates: str
) -> None:
    assert migration_image(builders.run_spec(image=released, migration={"tool": "Django", "image": image})) == migrates


@pytest.mark.parametrize("released", ["acme/shop", "localhost:5000/shop", "shop@sha256:" + "a" * 64])
def test_a_tag_that_the_released_image_does_not_have_is_refused(released: str) -> None:
    migration = {"tool": "Django", "image": "acme/migrator:$(TAG)"}
    with pytest.raises(ValueError, match=r"spec\.image names no tag"):
        builders.flow_spec(image=released, migration=migration)
    with pytest.raises(ValueError, match=r"spec\.image names no tag"):
        builders.run_spec(image=released, migration=migration)


def test_the_bookkeeping_of_the_tool_is_read_and_of_all_tools_for_a_command_of_ones_own() -> None:
    assert [b.table for b in bookkeeping("PostgreSQL", Migration(tool="Django"))] == ["django_migrations"]
    assert len(bookkeeping("PostgreSQL", Migration(command=("x",)))) == len(PRESETS)


def test_names_fit_into_a_label_however_long_their_parts() -> None:
    for flow in ("shop", "a" * 63, "a.b-" * 63 + "c"):
        run = run_name(flow, "uid", 999_999)
        assert len(run) <= LONGEST
        names = {job_name(run, "run-uid", step, attempt) for step in StepType for attempt in (1, 2, 3)}
        assert len(names) == 3 * len(StepType)
        assert all(len(name) <= LONGEST and "." not in name and "--" not in name[:3] for name in names)


def test_names_are_those_of_releases_before_for_ever() -> None:
    """A name that changed with the operator's version would not find what the version before has made."""
    assert run_name("shop", "uid", 2) == "shop-2-934cddad4a"
    assert job_name("shop-2-x", "run-uid", StepType.BACKUP, 1) == "shop-2-x-backup-637933d031"
    assert lock_name("team", "shop-db/url") == "releaseflow-lock-98687425f90ef190beb1"


def test_a_name_that_is_cut_at_a_dash_has_no_two_dashes() -> None:
    names = [run_name(f"{'a' * length}-{'b' * 60}", "uid", 1) for length in range(30, 60)]
    assert not [name for name in names if "--" in name]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("ghcr.io/acme/shop:1.4.2", "1.4.2"),
        ("localhost:5000/acme/shop", "latest"),
        (f"localhost:5000/acme/shop@sha256:{'0123456789abcdef' * 4}", "0123456789ab"),
        (f"shop:1.4.2@sha256:{'0123456789abcdef' * 4}", "1.4.2"),
    ],
)
def test_a_version_is_the_tag_or_the_beginning_of_the_digest(image: str, version: str) -> None:
    assert short_version(image) == version


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-10-02T12:00:00Z", "0s"),
        ("2026-10-02T12:00:59Z", "59s"),
        ("2026-10-02T12:01:00Z", "1m0s"),
        ("2026-10-02T12:59:59Z", "59m59s"),
        ("2026-10-02T13:00:00Z", "1h0m"),
        ("2026-10-03T14:05:09Z", "26h5m"),
        ("2026-10-02T11:00:00Z", "0s"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(end: str, said: str) -> None:
    assert duration("2026-10-02T12:00:00Z", end) == said


def test_names_differ_where_their_parts_differ() -> None:
    assert run_name("shop", "uid", 1) != run_name("shop", "uid", 2)
    assert run_name("shop", "uid", 1) != run_name("shop", "other", 1)
    assert lock_name("a", "b") != lock_name("b", "a")
    assert lock_name("a", "b") == lock_name("a", "b")

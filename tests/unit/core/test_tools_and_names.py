"""The commands of migration tools, and names that are the same whoever derives them."""

import pytest

from releaseflow.api.v1alpha1.migration import Migration
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.names import LONGEST, job_name, lock_name, run_name, short_version
from releaseflow.core.timestamps import duration
from releaseflow.core.tools import bookkeeping, check_command, has_check, migrate_command
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


def test_the_bookkeeping_of_the_tool_is_read_and_of_all_tools_for_a_command_of_ones_own() -> None:
    assert [b.table for b in bookkeeping("PostgreSQL", Migration(tool="Django"))] == ["django_migrations"]
    assert len(bookkeeping("PostgreSQL", Migration(command=("x",)))) == len(PRESETS)


def test_names_fit_into_a_label_however_long_their_parts() -> None:
    for flow in ("shop", "a" * 63, "a.b-" * 63 + "c"):
        run = run_name(flow, "uid", 999_999)
        assert len(run) <= LONGEST
        names = {job_name(run, "run-uid", step, attempt) for step in StepType for attempt in (1, 2, 3)}
        assert len(names) == 9
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

"""What a Down reads beside its own run: the earlier run, and the flows of its database."""

from typing import Any

from releaseflow.core.facts import ABSENT
from releaseflow.core.run.facts import EarlierRun, FlowOfDatabase
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.unit.controllers.scene import Scene

BEFORE = {"schemaBefore": {"version": "2 applied, last: 2"}, "databaseIdentity": "1d", "outcome": "Migrated"}


def down(status: dict[str, Any] | None = None, **metadata: Any) -> objects.Object:
    raw = objects.run(status=status or {})
    raw["spec"] |= {"operation": "Down", "down": {"runName": "earlier"}}
    raw["spec"]["migration"] |= {"tool": "Rails"}
    del raw["spec"]["flowRef"]
    raw["metadata"] |= metadata
    return raw


def earlier(status: dict[str, Any] | None = None) -> objects.Object:
    raw = objects.run(status=BEFORE if status is None else status)
    raw["metadata"] |= {"name": "earlier", "uid": "earlier-uid"}
    return raw


async def test_the_earlier_run_is_read_until_its_record_is_taken_over() -> None:
    scene = Scene((Resource.RUN, down()), (Resource.RUN, earlier()))
    seen = await scene.observe()
    lock = seen.spec.lock_key
    assert seen.earlier == EarlierRun("earlier-uid", lock, "Django", "2 applied, last: 2", "1d", over=True)

    target = {"runUid": "earlier-uid", "version": "2 applied, last: 2", "databaseIdentity": "1d"}
    scene = Scene((Resource.RUN, down({"down": target})), (Resource.RUN, earlier()))
    seen = await scene.observe()
    assert seen.earlier is ABSENT
    assert scene.asked_for(Resource.RUN) == 0


async def test_an_earlier_run_that_the_cache_does_not_show_is_asked_for() -> None:
    scene = Scene((Resource.RUN, down()))
    assert (await scene.observe()).earlier is ABSENT
    assert scene.asked_for(Resource.RUN) == 1


async def test_an_earlier_run_without_a_record_has_neither_version_nor_identity() -> None:
    seen = await Scene((Resource.RUN, down()), (Resource.RUN, earlier({}))).observe()
    assert isinstance(seen.earlier, EarlierRun)
    assert (seen.earlier.version, seen.earlier.identity, seen.earlier.over) == ("", "", False)


async def test_flows_with_the_same_lock_key_are_read() -> None:
    seen = await Scene((Resource.RUN, down())).observe()
    assert seen.flows_of_database == (FlowOfDatabase("shop", suspended=False),)


async def test_a_run_that_migrates_reads_none_of_it() -> None:
    seen = await Scene((Resource.RUN, objects.run())).observe()
    assert (seen.earlier, seen.flows_of_database) == (ABSENT, ())


async def test_the_annotation_of_a_run_approves_it_by_its_name() -> None:
    for value, approved in (("shop-1-aa", True), ("another", False)):
        seen = await Scene((Resource.RUN, down(annotations={"releaseflow.dev/approve": value}))).observe()
        assert seen.approved is approved


async def test_the_migration_of_a_down_is_built_once_it_is_recorded_where_it_goes() -> None:
    seen = await Scene((Resource.RUN, down()), (Resource.RUN, earlier())).observe()
    assert "Migrate" not in dict(seen.template_hashes)
    hashes = set()
    for number in ("2", "1"):
        target = {"runUid": "u", "version": f"{number} applied, last: {number}", "databaseIdentity": "1d"}
        seen = await Scene((Resource.RUN, down({"down": target}))).observe()
        hashes.add({step.value: found for step, found in seen.template_hashes}["Migrate"])
    assert len(hashes) == 2

"""The view: the newest form wins, whoever told of it and in whatever order."""

import pytest

from releaseflow.shell.kinds import Key, Kind
from releaseflow.shell.kube import Listing
from releaseflow.shell.shelf import about_workload, with_uid
from releaseflow.shell.view import HistoryRewoundError, View
from tests.unit.shell import objects


def names(view: View, kind: Kind) -> list[str]:
    return [key.name for key in view.keys(kind)]


def test_versions_are_compared_as_numbers() -> None:
    view = View()
    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=9, image="shop:old"))

    seen = view.get(Kind.FLOW, "shop", "shop")

    assert seen is not None
    assert seen["spec"]["image"] == "shop:v2"


def test_a_late_word_of_a_deleted_object_does_not_bring_it_back() -> None:
    view = View()
    view.put(Kind.JOB, objects.job(version=10))
    view.remove(Kind.JOB, objects.job(version=12))
    view.put(Kind.JOB, objects.job(version=11))

    assert not names(view, Kind.JOB)


def test_an_object_that_left_the_selector_and_comes_back_is_seen_again() -> None:
    view = View()
    view.put(Kind.JOB, objects.job(version=10))
    view.remove(Kind.JOB, objects.job(version=12))
    view.put(Kind.JOB, objects.job(version=14))

    assert names(view, Kind.JOB) == ["shop-1-aa-migrate"]


def test_what_no_watch_tells_of_is_not_kept() -> None:
    view = View()
    view.put(Kind.DEPLOYMENT, objects.deployment(version=10, labels={"releaseflow.dev/managed": "true"}))
    assert names(view, Kind.DEPLOYMENT) == ["shop"]

    view.put(Kind.DEPLOYMENT, objects.deployment(version=11))

    assert not names(view, Kind.DEPLOYMENT)


def test_an_object_is_found_by_what_it_belongs_to_for_as_long_as_it_does() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=10))
    assert view.group(Kind.RUN, "shop", about_workload("shop"))
    assert view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))
    assert not view.group(Kind.RUN, "mart", about_workload("shop"))

    view.put(Kind.RUN, objects.run(version=11, status={"outcome": "Migrated"}))
    assert not view.group(Kind.RUN, "shop", about_workload("shop"))
    assert view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))

    view.put(Kind.RUN, objects.run(uid="another", version=12))
    assert not view.group(Kind.RUN, "shop", with_uid(objects.RUN_UID))

    view.forget(Kind.RUN, "shop", "shop-1-aa")
    assert not view.group(Kind.RUN, "shop", about_workload("shop"))


def test_the_removal_of_a_predecessor_leaves_the_successor() -> None:
    view = View()
    successor = objects.run(uid="another", version=20)
    view.put(Kind.RUN, objects.run(version=10))
    view.put(Kind.RUN, successor)
    view.remove(Kind.RUN, objects.run(version=19))

    assert names(view, Kind.RUN) == ["shop-1-aa"]


def test_a_listing_drops_what_is_gone_and_keeps_what_is_newer_than_itself() -> None:
    view = View()
    view.put(Kind.RUN, objects.run("lost", "u1", version=10))
    view.put(Kind.RUN, objects.run("just-created", "u2", version=31))

    view.replace(Kind.RUN, "", Listing([objects.run("listed", "u3", version=12)], "30"), asked_at=10)

    assert names(view, Kind.RUN) == ["just-created", "listed"]


def test_a_listing_of_one_namespace_drops_nothing_elsewhere() -> None:
    view = View()
    view.put(Kind.RUN, objects.run("here", "u1", version=10))

    view.replace(Kind.RUN, "elsewhere", Listing([], "30"), asked_at=10)

    assert names(view, Kind.RUN) == ["here"]


def test_a_listing_from_the_past_is_not_believed() -> None:
    with pytest.raises(HistoryRewoundError):
        View().replace(Kind.RUN, "", Listing([], "30"), asked_at=31)


def test_a_listing_in_which_an_object_is_as_it_was_before_tells_of_a_restored_store() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=20))

    with pytest.raises(HistoryRewoundError):
        view.replace(Kind.RUN, "", Listing([objects.run(version=12)], "30"), asked_at=20)


def test_a_watch_that_is_ahead_of_a_listing_tells_of_nothing_bad() -> None:
    view = View()
    view.put(Kind.RUN, objects.run(version=31))
    view.replace(Kind.RUN, "", Listing([objects.run(version=12)], "30"), asked_at=20)

    seen = view.get(Kind.RUN, "shop", "shop-1-aa")
    assert seen is not None
    assert seen["metadata"]["resourceVersion"] == "31"


def test_changes_are_told_once_wherever_they_were_learned() -> None:
    view, told = View(), []
    view.changed = lambda kind, raw: told.append((kind, raw["metadata"]["resourceVersion"]))

    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=10))
    view.put(Kind.FLOW, objects.flow(version=9))
    view.forget(Kind.FLOW, "shop", "shop")
    view.forget(Kind.FLOW, "shop", "shop")

    assert told == [(Kind.FLOW, "10"), (Kind.FLOW, "10")]


def test_the_bulk_of_an_object_is_not_kept() -> None:
    view = View()
    flow = objects.flow()
    flow["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    flow["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "keep": "this"}
    view.put(Kind.FLOW, flow)

    seen = view.get(Kind.FLOW, "shop", "shop")

    assert seen is not None
    assert "managedFields" not in seen["metadata"]
    assert seen["metadata"]["annotations"] == {"keep": "this"}
    assert view.keys(Kind.FLOW) == [Key(Kind.FLOW, "shop", "shop")]

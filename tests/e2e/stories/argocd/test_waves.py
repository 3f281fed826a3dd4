"""Sync waves: what comes in a later wave than a flow waits for its release, and is not applied where that fails."""

from functools import partial

import pytest

from tests.e2e.stories.argocd.application import Application
from tests.e2e.stories.argocd.manifests import gate, gated
from tests.e2e.stories.shop import Raw
from tests.e2e.stories.waiting import always, until

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


def after(version: str) -> Raw:
    """Return what comes in the wave after the shop."""
    metadata = {"name": "after", "annotations": {"argocd.argoproj.io/sync-wave": "1"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"version": version}}


def syncing(application: Application) -> tuple[str, str, str]:
    """Return the phase of the newest sync, what it waits for, and its commit."""
    found = application.operation()
    return found["phase"], found["message"], found["syncResult"]["revision"]


def test_what_comes_in_a_later_wave_waits_for_the_release(application: Application) -> None:
    shop = application.shop
    first = application.commit("install", flow=gate(), deployment=gated("v1"), after=after("v1"))
    application.create()
    application.refresh()
    until(shop.runs, bool, 60, "a run")
    names = str(shop.kubectl("get", "configmaps", "--output=name"))
    assert "configmap/after" not in names
    application.until_synced(first, 240)
    assert shop.condition("rflow", "shop")["status"] == "True"
    assert shop.serves() == "v1"


def test_a_later_wave_does_not_begin_while_the_migration_failed_and_a_revert_follows_the_end_of_that_sync(
    application: Application,
) -> None:
    shop = application.shop
    first = application.commit("install", flow=gate(), deployment=gated("v1"), after=after("v1"))
    application.create()
    application.until_synced(first, 240)
    application.until_states("Synced", "Healthy")
    pods = shop.pod_uids()

    bad = application.commit("release v3", deployment=gated("v3"), after=after("v3"))
    application.refresh()
    shop.stalled("MigrationFailed")
    application.until_states("OutOfSync", "Degraded")
    assert (shop.get("configmap", "after")["data"], shop.serves(), shop.pod_uids()) == ({"version": "v1"}, "v1", pods)

    application.revert()
    application.refresh()
    waits = ("Running", "waiting for healthy state of apps/Deployment/shop", bad)
    always(partial(syncing, application), lambda found: found == waits, 10, "no other commit is applied meanwhile")
    ended = application.argo_cd.cli("app", "terminate-op", application.name)
    assert ended.returncode == 0, ended.stderr
    until(lambda: shop.get("deployment", "shop")["spec"].get("paused"), lambda paused: not paused, 60, "it is resumed")
    application.until_states("Synced", "Degraded")
    assert (shop.get("configmap", "after")["data"], shop.pod_uids()) == ({"version": "v1"}, pods)
    application.act("retry")
    application.until_states("Synced", "Healthy")

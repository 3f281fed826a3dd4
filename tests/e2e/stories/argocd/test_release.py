"""A release by a commit under Argo CD, in mode Gate: it goes well, and it fails. `make test` plays these two."""

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.argocd.application import Application, installed
from tests.e2e.stories.argocd.manifests import gated
from tests.e2e.stories.shop import image
from tests.e2e.stories.waiting import until

pytestmark = pytest.mark.xdist_group("argocd")


def environment(application: Application) -> set[str]:
    """Return the values of GREETING in the shop's pods."""
    pods = application.shop.all("pods", "app=shop")
    named = [one for pod in pods for one in pod["spec"]["containers"][0]["env"] if one["name"] == "GREETING"]
    return {one["value"] for one in named}


def test_image_and_environment_of_one_commit_serve_together_and_nothing_drifts(application: Application) -> None:
    shop = application.shop
    first = installed(application)
    application.until_states("Synced", "Healthy")
    assert [run["status"]["outcome"] for run in shop.runs()] == ["Migrated"], "the first install is gated"

    second = application.commit("release v2", deployment=gated("v2", GREETING="hello"))
    application.until_synced(second)
    assert application.states()[0] == "Synced", "a held Deployment is no difference"
    assert application.states()[1] != "Healthy"
    application.until_states("Synced", "Healthy")

    assert (shop.serves(), environment(application)) == ("v2", {"hello"})
    assert application.syncs() == [first, second], "self-heal had nothing to heal"
    waited = application.argo_cd.cli("app", "wait", application.name, "--health", "--timeout=30")
    assert waited.returncode == 0, waited.stderr
    invariants.are_kept(shop, "none")


def test_a_failing_migration_is_degraded_with_its_sentence_and_a_revert_serves_at_once(
    application: Application,
) -> None:
    shop = application.shop
    installed(application)
    application.until_states("Synced", "Healthy")
    pods = shop.pod_uids()

    bad = application.commit("release v3", deployment=gated("v3"))
    application.until_synced(bad)
    application.until_states("Synced", "Degraded")
    health = application.health_of("ReleaseFlow")
    assert health == {"status": "Degraded", "message": shop.condition("rflow", "shop")["message"]}
    assert f"{image('v3')} is not released. Migrate failed" in health["message"]
    assert (shop.serves(), shop.pod_uids()) == ("v1", pods)
    kinds = {node["kind"] for node in application.nodes()}
    assert {"ReleaseFlow", "MigrationRun", "Job", "Pod", "Deployment"} <= kinds
    waited = application.argo_cd.cli("app", "wait", application.name, "--health", "--timeout=5")
    assert waited.returncode != 0, "a pipeline that waits fails"

    application.until_synced(application.revert())
    until(lambda: shop.get("deployment", "shop")["spec"].get("paused"), lambda paused: not paused, 30, "it is resumed")
    assert (shop.serves(), shop.pod_uids()) == ("v1", pods), "no pod was made"
    assert application.health_of("ReleaseFlow")["status"] == "Degraded", "a person decides about the database"

    assert "retry" in application.actions()
    application.act("retry")
    application.until_states("Synced", "Healthy")

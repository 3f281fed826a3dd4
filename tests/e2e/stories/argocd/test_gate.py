"""Mode Gate under Argo CD: nothing is set in the Application, and self-heal is on."""

from functools import partial

import pytest

from tests.e2e.stories.argocd.application import Application, installed
from tests.e2e.stories.argocd.manifests import gate, gated
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


def test_an_approval_is_suspended_and_given_in_argo_cd(application: Application) -> None:
    shop = application.shop
    installed(application, approvals=["BeforeMigration"])
    application.until_states("Synced", "Suspended")
    assert "Approve the migration: kubectl annotate rflow shop" in application.health_of("ReleaseFlow")["message"]
    assert application.actions() == {"approve", "abort", "suspend"}
    application.act("approve")
    application.until_states("Synced", "Healthy")
    assert (application.actions(), shop.serves()) == ({"suspend"}, "v1")
    assert len(application.syncs()) == 1, "the annotation is no difference to Git"


def test_suspend_resume_and_abort_in_argo_cd(application: Application) -> None:
    shop = application.shop
    installed(application)
    application.until_states("Synced", "Healthy")
    application.act("suspend")
    application.until_states("Synced", "Suspended")

    application.until_synced(application.commit("release v2", deployment=gated("v2")))
    shop.waits("Suspended")
    assert (application.states(), shop.serves()) == (("Synced", "Suspended"), "v1")
    assert application.actions() == {"resume"}
    application.act("resume")
    application.until_states("Synced", "Healthy")
    assert shop.serves() == "v2"

    application.until_synced(application.commit("ask before the next", flow=gate(approvals=["BeforeMigration"])))
    application.until_synced(application.commit("release v4", deployment=gated("v4")))
    shop.waits("AwaitingApproval")
    application.act("abort")
    application.until_states("Synced", "Degraded")
    assert "the release was aborted" in application.health_of("ReleaseFlow")["message"]
    assert shop.serves() == "v2"


def test_a_deleted_application_takes_everything_with_it(application: Application) -> None:
    shop = application.shop
    installed(application)
    application.until_states("Synced", "Healthy")
    application.until_synced(application.commit("release v3", deployment=gated("v3")))
    shop.stalled("MigrationFailed")

    application.argo_cd.kubectl("delete", "application", application.name, "--timeout=50s")
    for kind in ("rflow", "mrun", "deployment", "jobs", "pods"):
        until(partial(shop.all, kind), lambda found: not found, 60, f"the end of {kind}")

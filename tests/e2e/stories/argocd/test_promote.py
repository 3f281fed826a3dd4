"""Mode Promote under Argo CD, with the two settings that docs/guides/argocd.md asks for."""

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.argocd.application import Application
from tests.e2e.stories.argocd.manifests import promoting
from tests.e2e.stories.argocd.page import block
from tests.e2e.stories.shop import deployment, image

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


def test_the_flow_s_image_is_promoted_and_no_later_sync_puts_the_old_one_back(application: Application) -> None:
    shop = application.shop
    first = application.commit("install", flow=promoting("v1"), deployment=deployment("shop", "v1"))
    application.create(**block("ignoreDifferences")["spec"])
    application.until_synced(first)
    application.until_states("Synced", "Healthy")

    second = application.commit("release v2", flow=promoting("v2"))
    application.until_synced(second)
    assert application.states() != ("Synced", "Healthy"), "a newer spec than the operator has seen is not healthy"
    application.until_states("Synced", "Healthy")
    assert (shop.live(), shop.serves()) == (image("v2"), "v2")

    third = application.commit("two replicas", deployment=deployment("shop", "v1", replicas=2))
    application.until_synced(third)
    application.until_states("Synced", "Healthy")
    assert (shop.live(), len(shop.pod_uids())) == (image("v2"), 2), "Git's old image is not put back"
    assert application.syncs() == [first, second, third]
    invariants.are_kept(shop)

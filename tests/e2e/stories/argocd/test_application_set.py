"""An ApplicationSet makes an application for each stage: each is gated by a flow and a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stories.argocd.application import Application
from tests.e2e.stories.argocd.argo_cd import ArgoCD
from tests.e2e.stories.argocd.manifests import gate, gated
from tests.e2e.stories.argocd.page import block
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd")]


@pytest.fixture(scope="module")
def with_sets(argo_cd: ArgoCD) -> ArgoCD:
    """An Argo CD whose controller of ApplicationSets runs."""
    argo_cd.start_application_sets()
    return argo_cd


def application_set(stages: dict[str, Application]) -> Raw:
    """Return the manifest of the page, for these applications over one repository."""
    manifest = block("kind: ApplicationSet")
    staging = stages["staging"]
    manifest["metadata"] |= {"name": staging.name, "namespace": staging.argo_cd.kubectl.namespace}
    elements = manifest["spec"]["generators"][0]["list"]["elements"]
    assert [element["stage"] for element in elements] == list(stages)
    for element in elements:
        element["namespace"] = stages[element["stage"]].namespace
    manifest["spec"]["template"]["spec"]["source"]["repoURL"] = f"file://{staging.repository}"
    return manifest


@pytest.fixture
def stages(
    with_sets: ArgoCD, empty_shop: Shop, another_empty_shop: Shop, tmp_path: Path
) -> Iterator[dict[str, Application]]:
    """Two applications over one repository, each with a namespace and a database of its own."""
    shops = {"staging": empty_shop, "production": another_empty_shop}
    found = {stage: Application(with_sets, shop, tmp_path / "repository") for stage, shop in shops.items()}
    found["staging"].begin()
    yield found
    name = found["staging"].name
    with_sets.kubectl("delete", "applicationset", name, "--ignore-not-found", "--cascade=foreground", "--timeout=50s")


def test_each_stage_is_released_by_its_own_commit_and_fails_for_itself(stages: dict[str, Application]) -> None:
    staging, production = stages.values()
    manifests = {f"{stage}/flow": gate() for stage in stages} | {f"{stage}/deployment": gated("v1") for stage in stages}
    staging.commit("install", **manifests)
    staging.argo_cd.kubectl("apply", "--filename=-", document=application_set(stages))
    until(lambda: staging.exists() and production.exists(), bool, 60, "the applications of the set")
    for each in stages.values():
        each.until_states("Synced", "Healthy")
    assert [each.shop.serves() for each in stages.values()] == ["v1", "v1"]

    second = staging.commit("v2 to staging", **{"staging/deployment": gated("v2")})
    staging.until_synced(second)
    production.refresh()
    until(production.compared, lambda revision: revision == second, 60, "Argo CD has read the commit")
    for each in stages.values():
        each.until_states("Synced", "Healthy")
    assert [each.shop.serves() for each in stages.values()] == ["v2", "v1"]
    assert [len(each.shop.runs()) for each in stages.values()] == [2, 1], "production was not migrated again"

    production.commit("v3 to production", **{"production/deployment": gated("v3")})
    production.refresh()
    production.until_states("Synced", "Degraded")
    assert staging.states() == ("Synced", "Healthy")
    assert [each.shop.serves() for each in stages.values()] == ["v2", "v1"]

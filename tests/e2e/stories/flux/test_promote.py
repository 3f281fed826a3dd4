"""Stories of Flux with mode Promote: the flow's image is in Git, and Flux leaves that of the Deployment alone."""

import pytest

from tests.e2e.stories.flux.team import Team
from tests.e2e.stories.shop import Raw, deployment, flow_spec, image
from tests.e2e.stories.waiting import always

pytestmark = pytest.mark.flux
IGNORE = [{"paths": ["/spec/template/spec/containers/0/image"], "target": {"kind": "Deployment", "name": "shop"}}]


def flow(version: str) -> Raw:
    """Return the flow as Git has it."""
    kind = {"apiVersion": "releaseflow.dev/v1alpha1", "kind": "ReleaseFlow", "metadata": {"name": "shop"}}
    return {**kind, "spec": flow_spec(version)}


def test_flux_leaves_the_image_alone_that_the_flow_promotes(team: Team) -> None:
    first = team.commit("v1", shop__deployment=deployment("shop", "v1"), shop__flow=flow("v1"))
    team.source()
    team.kustomization(ignore=IGNORE)
    team.until_applied(first)

    second = team.commit("v2", shop__flow=flow("v2"))
    team.until_applied(second)
    assert (team.shop.live(), team.shop.serves()) == (image("v2"), "v2")

    unrelated = team.commit("two pods", shop__deployment=deployment("shop", "v1", replicas=2))
    team.until_applied(unrelated)
    assert team.shop.get("deployment", "shop")["spec"]["replicas"] == 2
    always(team.shop.live, lambda found: found == image("v2"), 5, "the image of Git is not put back")
    assert team.shop.condition("rflow", "shop")["status"] == "True"

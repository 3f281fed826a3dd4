"""Stories of Flux's HelmRelease: the chart of Deployment and flow, released by helm-controller."""

import shutil

import pytest

from tests.e2e.stories.flux.team import SOURCE, Team
from tests.e2e.stories.installation import ROOT
from tests.e2e.stories.shop import image
from tests.e2e.stories.waiting import until

pytestmark = pytest.mark.flux


def release(team: Team, version: str, retry: str = "") -> None:
    """Ask for a version by the values of the HelmRelease."""
    spec = {
        "releaseName": "shop",
        "interval": "10m",
        "timeout": "8m",
        "chart": {"spec": {"chart": "./chart", "sourceRef": SOURCE}},
        "values": {"image": {"tag": version}, "retry": retry},
        "upgrade": {"remediation": {"retries": 0}},
    }
    team.shop.apply("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", spec=spec)


def until_ready(team: Team, status: str) -> str:
    """Wait until the HelmRelease is ready, or failed; returns what it says."""
    return until(lambda: team.ready("helmrelease"), lambda found: found[0] == status, 240, f"Ready={status}")[2]


def test_a_helm_release_is_ready_once_it_is_released_and_says_what_failed(team: Team) -> None:
    shop = team.shop
    shop.kubectl("delete", "pvc", "shop-backups")
    shutil.copytree(ROOT / "examples" / "helm", team.repository / "chart")
    team.commit("the chart")
    team.source()
    release(team, "v1")
    until_ready(team, "True")
    assert (shop.serves(), shop.condition("rflow", "shop")["status"]) == ("v1", "True")

    release(team, "v2")
    until_ready(team, "True")
    assert (shop.serves(), shop.get("rflow", "shop")["status"]["release"]["image"]) == ("v2", image("v2"))

    release(team, "v3")
    said = until_ready(team, "False")
    names = f"ReleaseFlow/{shop.kubectl.namespace}/shop status: 'Failed'"
    assert f"failed early due to stalled resources: [{names}]" in said
    assert shop.serves() == "v2"

    release(team, "v4", "inspected")
    until_ready(team, "True")
    assert shop.serves() == "v4"

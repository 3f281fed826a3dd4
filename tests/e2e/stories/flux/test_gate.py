"""Stories of Flux with mode Gate: a commit changes the image where it always was, and Flux waits for the release."""

from typing import Any

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.flux.team import Team
from tests.e2e.stories.shop import Raw, deployment, flow_spec, image
from tests.e2e.stories.waiting import always, until

pytestmark = pytest.mark.flux
GATE = "releaseflow.dev/gate"


def shop(version: str) -> Raw:
    """Return the Deployment as Git has it."""
    manifest = deployment("shop", version)
    manifest["metadata"]["labels"] = {GATE: "shop"}
    return manifest


def flow(retry: str = "") -> Raw:
    """Return the flow as Git has it, which names no image; a retry comes with another revision, as the page says."""
    spec = {key: value for key, value in flow_spec("v1").items() if key != "image"} | {"mode": "Gate"}
    metadata: dict[str, Any] = {"name": "shop"}
    if retry:
        metadata["annotations"], spec["revision"] = {"releaseflow.dev/retry": retry}, retry
    return {"apiVersion": "releaseflow.dev/v1alpha1", "kind": "ReleaseFlow", "metadata": metadata, "spec": spec}


def after(version: str) -> Raw:
    """Return what is applied after the shop."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "after"}, "data": {"version": version}}


def held(team: Team) -> bool:
    """Whether admission holds the Deployment."""
    return bool(team.shop.get("deployment", "shop")["spec"].get("paused"))


def images(team: Team) -> set[str]:
    """Return the images of the pods."""
    return set(team.shop.images())


def test_a_commit_is_ready_once_it_is_released_and_what_depends_on_it_waits(team: Team) -> None:
    first = team.commit("v1", shop__deployment=shop("v1"), shop__flow=flow(), after__config=after("v1"))
    team.source()
    team.kustomization()
    team.kustomization("after", dependsOn=[{"name": "shop"}])
    team.until_applied(first)
    assert (images(team), held(team)) == ({image("v1")}, False)
    invariants.no_image_served_before_its_migration(team.shop, "none")
    team.until_applied(first, "after", 60)

    second = team.commit("v2", shop__deployment=shop("v2"), after__config=after("v2"))
    until(lambda: held(team), bool, 60, "it is held")
    assert team.shop.get("configmap", "after")["data"]["version"] == "v1", "what depends on it waits"
    team.until_applied(second)
    assert (images(team), held(team)) == ({image("v2")}, False)
    assert [run["status"]["outcome"] for run in team.shop.runs()] == ["Migrated", "Migrated"]
    team.until_applied(second, "after", 60)

    team.reconcile("kustomization")
    always(lambda: (held(team), team.shop.live()), lambda found: found == (False, image("v2")), 5, "no difference")
    assert len(team.shop.runs()) == 2
    invariants.are_kept(team.shop)


def test_a_failed_migration_fails_at_once_and_a_commit_repairs_it(team: Team) -> None:
    first = team.commit("v2", shop__deployment=shop("v2"), shop__flow=flow())
    team.source()
    team.kustomization(timeout="20m")
    team.until_applied(first)

    broken = team.commit("v3", shop__deployment=shop("v3"))
    said = team.until_failed(broken)
    names = f"ReleaseFlow/{team.shop.kubectl.namespace}/shop status: 'Failed'"
    assert f"failed early due to stalled resources: [{names}]" in said
    assert (images(team), held(team)) == ({image("v2")}, True), "the old pods serve"

    repaired = team.commit("v4", shop__deployment=shop("v4"), shop__flow=flow(retry="inspected"))
    team.until_applied(repaired)
    assert (images(team), held(team)) == ({image("v4")}, False)
    invariants.are_kept(team.shop)


def test_a_suspended_kustomization_applies_nothing_and_catches_up(team: Team) -> None:
    first = team.commit("v1", shop__deployment=shop("v1"), shop__flow=flow())
    team.source()
    team.kustomization()
    team.until_applied(first)
    team.shop.kubectl("patch", "kustomization", "shop", "--type=merge", '--patch={"spec":{"suspend":true}}')
    second = team.commit("v2", shop__deployment=shop("v2"))
    always(team.shop.live, lambda found: found == image("v1"), 5, "nothing is applied")
    team.shop.kubectl("patch", "kustomization", "shop", "--type=merge", '--patch={"spec":{"suspend":false}}')
    team.until_applied(second)
    assert images(team) == {image("v2")}

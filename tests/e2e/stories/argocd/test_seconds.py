"""Seconds from a commit that Argo CD sees to its pods: behind Argo CD's own hooks, and behind the gate, in one run."""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.bench.objects import IMAGES, ONE_JOB, THREE_JOBS, deployment, has_image
from tests.bench.objects import flow as bench_flow
from tests.e2e.stories.argocd.application import Application
from tests.e2e.stories.argocd.argo_cd import ArgoCD
from tests.e2e.stories.argocd.manifests import GATE
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until

pytestmark = [pytest.mark.argocd, pytest.mark.xdist_group("argocd"), pytest.mark.timeout(1800)]
ROUNDS = 5
HOOKS, GATED, NOTHING_PENDING = "hooks", "gated", "nothing-pending"


class Taken(NamedTuple):
    """Seconds from the moment at which Argo CD is asked to read Git."""

    applied: float
    """Until the Deployment has the image: behind hooks they ran before, behind the gate everything comes after."""

    ready: float
    """Until all pods are ready, and of this image."""


@pytest.fixture
def ways(argo_cd: ArgoCD, empty_shop: Shop, tmp_path: Path) -> Iterator[dict[str, Application]]:
    """An application for each way to release, installed."""
    empty_shop.database.ask("create table kept (id int)")
    found = {name: Application(argo_cd, empty_shop, tmp_path / name, f"-{name}") for name in MANIFESTS}
    for name, application in found.items():
        application.begin()
        first = application.commit("install", **MANIFESTS[name](name, IMAGES[0]))
        application.create()
        application.until_synced(first)
        application.until_states("Synced", "Healthy")
    yield found
    for application in found.values():
        argo_cd.kubectl("delete", "application", application.name, "--wait=false")
    for application in found.values():
        argo_cd.kubectl("wait", "application", application.name, "--for=delete", "--timeout=50s")


def with_hooks(name: str, image: str) -> dict[str, Raw]:
    """Return a Deployment behind two hooks that do nothing, one for a backup and one for a migration."""
    hooks = {f"hook{wave}": _hook(f"{name}-{wave}", image, wave) for wave in (1, 2)}
    return {**hooks, "deployment": deployment(name, image)}


def _hook(name: str, image: str, wave: int) -> Raw:
    container = {"name": "step", "image": image, "imagePullPolicy": "IfNotPresent", "command": ["true"]}
    annotations = {
        "argocd.argoproj.io/hook": "PreSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "argocd.argoproj.io/sync-wave": str(wave - 3),
    }
    spec = {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}
    metadata = {"name": name, "annotations": annotations}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def behind_the_gate(migration: dict[str, Any]) -> Callable[[str, str], dict[str, Raw]]:
    """Return what makes a Deployment and its flow, which migrates so."""

    def manifests(name: str, image: str) -> dict[str, Raw]:
        workload = deployment(name, image)
        workload["metadata"]["labels"] = {GATE: name}
        flow = bench_flow(name, image, migration, lock_key=name)
        del flow["spec"]["image"]
        flow["spec"]["mode"] = "Gate"
        return {
            "deployment": workload,
            "flow": {"apiVersion": "releaseflow.dev/v1alpha1", "kind": "ReleaseFlow", **flow},
        }

    return manifests


MANIFESTS = {
    HOOKS: with_hooks,
    GATED: behind_the_gate(THREE_JOBS),
    NOTHING_PENDING: behind_the_gate(ONE_JOB),
}


def serves(found: Raw, image: str) -> bool:
    """Whether all pods of a Deployment are ready, and of this image."""
    if not has_image(found, image) or found["spec"].get("paused"):
        return False
    status = found["status"]
    seen = status.get("observedGeneration") == found["metadata"]["generation"]
    return seen and all(status.get(count) == 1 for count in ("replicas", "updatedReplicas", "readyReplicas"))


def taken(application: Application, name: str, image: str) -> Taken:
    """Commit an image, let Argo CD read Git, and return how long it takes."""
    application.commit(f"release {image}", **MANIFESTS[name](name, image))
    begin = time.monotonic()
    application.refresh()

    def deployed() -> Raw:
        return application.shop.get("deployment", name)

    until(deployed, lambda found: has_image(found, image), 240, f"{name} has {image}")
    applied = time.monotonic() - begin
    until(deployed, lambda found: serves(found, image), 240, f"{name} serves {image}")
    return Taken(applied, time.monotonic() - begin)


def row(name: str, each: list[Taken], hooks: float) -> str:
    """Return what was measured of one way."""
    ready = [one.ready for one in each]
    median = statistics.median(ready)
    applied = statistics.median(one.applied for one in each)
    return (
        f"{name:16} ready {median:5.1f} s ({min(ready):.1f}-{max(ready):.1f}), {median / hooks:.2f} of the hooks; "
        f"the Deployment has the image after {applied:.1f} s"
    )


def test_seconds_from_a_commit_to_its_pods(ways: dict[str, Application], capsys: pytest.CaptureFixture[str]) -> None:
    measured: dict[str, list[Taken]] = {name: [] for name in ways}
    for number in range(1, ROUNDS + 1):
        for name, application in ways.items():
            measured[name].append(taken(application, name, IMAGES[number % len(IMAGES)]))
            application.until_states("Synced", "Healthy")

    shop = ways[GATED].shop
    of_flow = {name: [run for run in shop.runs() if run["spec"]["flowRef"]["name"] == name] for name in ways}
    assert [run["status"]["outcome"] for run in of_flow[GATED]][1:] == ["Migrated"] * ROUNDS
    assert {run["status"]["outcome"] for run in of_flow[NOTHING_PENDING]} == {"NothingPending"}
    hooks = statistics.median(one.ready for one in measured[HOOKS])
    with capsys.disabled():
        print(f"\nfrom a commit that Argo CD is asked to read, medians of {ROUNDS} rounds in turn:")
        for name, each in measured.items():
            print(row(name, each, hooks))

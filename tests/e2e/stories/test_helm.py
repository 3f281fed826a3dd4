"""Stories of Helm 4: a chart of Deployment and flow in gate mode, as examples/helm has it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stories import invariants
from tests.e2e.stories.installation import ROOT
from tests.e2e.stories.pages import shell, shell_blocks
from tests.e2e.stories.shop import Raw, Shop, image
from tests.e2e.stories.waiting import until

CHART = ROOT / "examples" / "helm"
PAGE = ROOT / "docs" / "guides" / "helm.md"
UPGRADE = ("upgrade", "shop", "--install", "--wait", "--timeout=4m")
HOOK = """
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-%(when)s
  annotations: {helm.sh/hook: %(when)s, helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: hook
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        command: [python3, -c, "%(ask)s", "{{ .Values.image.tag }}"]
"""
ASK = "import json, sys, urllib.request as u; assert json.load(u.urlopen('http://shop/version'))['version'] "
"""Asks the Service for the version that serves, to compare it with that of the release."""


class HelmError(AssertionError):
    """Helm ended with an error; the text is what the user reads."""


@pytest.fixture
def bare_shop(empty_shop: Shop) -> Shop:
    """A namespace with an empty database and its Secret; all else is the chart's."""
    empty_shop.kubectl("delete", "pvc", "shop-backups")
    return empty_shop


def helm(shop: Shop, *words: str) -> str:
    """Run Helm in the shop's namespace."""
    command = ["helm", *words, f"--namespace={shop.kubectl.namespace}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    if done.returncode:
        raise HelmError(done.stderr)
    return done.stdout


def typed(shop: Shop, block: str) -> None:
    """Type a block of the page into a shell."""
    done = shell(block.replace("NAMESPACE", shop.kubectl.namespace), ROOT)
    if done.returncode:
        raise HelmError(done.stderr)


def upgrade(shop: Shop, version: str, *more: str, chart: Path = CHART) -> None:
    """Install or upgrade the chart with a version of the shop, and wait as Helm does."""
    helm(shop, UPGRADE[0], UPGRADE[1], str(chart), *UPGRADE[2:], f"--set=image.tag={version}", *more)


def seen(shop: Shop) -> tuple[str, str, set[str]]:
    """Return what the flow says it released, whether it is ready, and the images of the pods; each looked at once."""
    flow = shop.get("rflow", "shop")
    ready = {c["type"]: c["status"] for c in flow["status"]["conditions"]}["Ready"]
    return flow["status"]["release"]["image"], ready, set(shop.images())


def history(shop: Shop) -> list[tuple[int, str]]:
    """Return number and state of Helm's releases."""
    found: list[Raw] = json.loads(helm(shop, "history", "shop", "--output=json"))
    return [(int(release["revision"]), str(release["status"])) for release in found]


def outcomes(shop: Shop) -> list[Any]:
    """Return how the runs ended."""
    return [run["status"].get("outcome") for run in shop.runs()]


def test_the_page_is_played(bare_shop: Shop) -> None:
    shop = bare_shop
    install, release, breaks, repair, back, remove, follow = shell_blocks(PAGE)
    typed(shop, install)
    assert seen(shop) == (image("v1"), "True", {image("v1")})
    assert outcomes(shop) == ["Migrated"], "the first install made no pod before its database was ready"
    invariants.no_image_served_before_its_migration(shop, "none")

    typed(shop, release)
    assert seen(shop) == (image("v2"), "True", {image("v2")})
    upgrade(shop, "v2", "--set=replicas=2")
    assert len(shop.runs()) == 2, "no other image, no release"
    typed(shop, follow)

    with pytest.raises(HelmError) as failed:
        typed(shop, breaks)
    said = str(failed.value)
    assert (
        f"Error: UPGRADE FAILED: resource ReleaseFlow/{shop.kubectl.namespace}/shop not ready. status: Failed" in said
    )
    assert shop.condition("rflow", "shop", "Stalled")["message"] in said, "the whole sentence, with the next command"
    assert seen(shop)[2] == {image("v2")}
    assert history(shop)[-1] == (4, "failed")
    with pytest.raises(HelmError, match="status: Failed"):
        upgrade(shop, "v4")
    typed(shop, repair)
    assert seen(shop) == (image("v4"), "True", {image("v4")})
    invariants.are_kept(shop)

    typed(shop, back)
    assert seen(shop) == (image("v1"), "True", {image("v1")})
    assert outcomes(shop) == ["Migrated", "Migrated", "MigrationFailed", "Migrated", "NothingPending"]
    typed(shop, remove)
    assert (shop.all("deployment"), shop.all("rflow")) == ([], [])


def test_an_uninstalled_release_leaves_its_backups(bare_shop: Shop) -> None:
    upgrade(bare_shop, "v1")
    helm(bare_shop, "uninstall", "shop", "--wait", "--timeout=2m")
    until(lambda: bare_shop.all("pods", "app=shop"), lambda pods: not pods, 60, "its pods are gone")
    assert str(bare_shop.kubectl("get", "pvc", "shop-backups", "--output=name")).strip(), "the backups stay"


def test_rollback_on_failure_puts_the_image_back_which_goes_on_at_once(bare_shop: Shop) -> None:
    shop = bare_shop
    upgrade(shop, "v2")
    pods = shop.pod_uids()
    with pytest.raises(HelmError) as failed:
        upgrade(shop, "v3", "--rollback-on-failure")
    assert "an error occurred while rolling back the release" in str(failed.value), "the flow waits for a person"
    assert (shop.live(), shop.pod_uids()) == (image("v2"), pods), "the old pods served all the time"
    deployment = shop.get("deployment", "shop")
    assert "paused" not in deployment["spec"]
    assert history(shop) == [(1, "deployed"), (2, "failed"), (3, "failed")]
    shop.command("retry", "looked-at-it")
    shop.ready()
    assert seen(shop) == (image("v2"), "True", {image("v2")})


def test_hooks_of_a_chart_run_before_the_release_and_after_it(bare_shop: Shop, tmp_path: Path) -> None:
    shop, chart = bare_shop, tmp_path / "shop"
    shutil.copytree(CHART, chart)
    for when, ask in (("pre-upgrade", f"{ASK}!= sys.argv[1]"), ("post-upgrade", f"{ASK}== sys.argv[1]")):
        (chart / "templates" / f"{when}.yaml").write_text(HOOK % {"when": when, "ask": ask}, encoding="utf-8")
    upgrade(shop, "v1", chart=chart)
    upgrade(shop, "v2", chart=chart)
    before, after = shop.get("job", "shop-pre-upgrade"), shop.get("job", "shop-post-upgrade")
    began, ended = shop.get("rflow", "shop")["status"]["release"]["startTime"], after["status"]["startTime"]
    assert before["status"]["completionTime"] <= began <= ended
    assert (before["status"]["succeeded"], after["status"]["succeeded"]) == (1, 1)

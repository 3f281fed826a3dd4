"""The steps for pipelines, from their page: the shell of each releases an image, and fails with the reason."""

import os
import re
import subprocess
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.e2e.stories.pages import blocks
from tests.e2e.stories.shop import Shop, image

PAGE = "guides/ci-steps.md"


def scripts(document: Any) -> Iterator[str]:
    """Yield the shell of a step: what its system calls run or script."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in {"run", "script"}:
                yield "\n".join([value] if isinstance(value, str) else value)
            else:
                yield from scripts(value)
    elif isinstance(document, list):
        for one in document:
            yield from scripts(one)


def of_yaml(number: int) -> Callable[[], str]:
    def shell() -> str:
        (script,) = scripts(yaml.safe_load(blocks(PAGE, "yaml")[number]))
        return script

    return shell


def of_jenkins() -> str:
    (block,) = blocks(PAGE, "groovy")
    (script,) = re.findall(r"sh '''(.*?)'''", block, re.DOTALL)
    assert "\\" not in script, "Groovy reads a backslash in such a string"
    return textwrap.dedent(str(script))


@pytest.mark.parametrize(
    "step",
    [of_yaml(0), of_yaml(1), of_jenkins, of_yaml(2)],
    ids=["GitHub Actions", "GitLab CI", "Jenkins", "Tekton"],
)
def test_a_step_releases_an_image_and_fails_with_the_reason(shop: Shop, step: Callable[[], str]) -> None:
    shop.flow("v1")
    shop.ready()

    released = _run(shop, step(), image("v2"))
    assert released.returncode == 0, released.stdout
    assert shop.live() == image("v2")

    failed = _run(shop, step(), image("v3"))
    assert failed.returncode == 1
    assert "MigrationFailed" in failed.stdout
    assert shop.live() == image("v2")


def _run(shop: Shop, script: str, wanted: str) -> subprocess.CompletedProcess[str]:
    """Run a step as its system does: by bash, which ends at the first error, with the variables of the page."""
    own: Mapping[str, str] = {"IMAGE": wanted, "NAMESPACE": shop.kubectl.namespace, "KUBECONFIG_TEXT": ""}
    words = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        words, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400,
        check=False,
    )  # fmt: skip

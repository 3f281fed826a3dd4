"""The page about kubectl: each of its lines is typed in its order, and prints what the page says."""

import json
import re
from pathlib import Path

from tests.e2e.stories.pages import DOCS, typed
from tests.e2e.stories.shop import Shop, deployment, flow_spec, image

_BLOCKS = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
_RELEASES = {"1.4.2": "v1", "1.5.0": "v2", "1.6.0": "v3"}
"""Versions of the page, and what they are of the example."""
_ANYTHING = "…"


def test_every_line_of_the_page_is_typed(empty_shop: Shop, tmp_path: Path) -> None:
    gated = deployment("shop", "v1")
    gated["metadata"]["labels"] = {"releaseflow.dev/gate": "shop", "app": "shop"}
    (tmp_path / "deployment.yaml").write_text(json.dumps(gated), encoding="utf-8")
    (tmp_path / "shop-flow.yaml").write_text(json.dumps(flow()), encoding="utf-8")
    printed = ""
    for language, text in _BLOCKS.findall(_here((DOCS / "guides/kubectl.md").read_text("utf-8"))):
        if language == "sh":
            script = text.replace("NAMESPACE", empty_shop.kubectl.namespace)
            printed = typed(script, tmp_path, seconds=600, KUBE_EDITOR="true")
        else:
            says(printed, text)
    assert not empty_shop.runs()


def flow() -> dict[str, object]:
    """Return the flow of gate mode, which names no image."""
    spec = {**flow_spec("v1"), "mode": "Gate"}
    del spec["image"]
    metadata = {"name": "shop", "labels": {"app": "shop"}}
    return {"apiVersion": "releaseflow.dev/v1alpha1", "kind": "ReleaseFlow", "metadata": metadata, "spec": spec}


def says(printed: str, text: str) -> None:
    """See that something was printed, line after line, with any space between words."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for wanted in filter(None, map(str.split, text.splitlines())):
        words = (".*" if word == _ANYTHING else re.escape(word).replace(_ANYTHING, r"\S*") for word in wanted)
        pattern = " ?".join(words).replace(" ?", " ").replace(" .*", ".*").replace(".* ", ".*")
        assert any(re.search(f"^{pattern}", line) for line in lines), f"{' '.join(wanted)}\n--- is not in\n{printed}"


def _here(page: str) -> str:
    for version, here in _RELEASES.items():
        page = page.replace(f"ghcr.io/acme/shop:{version}", image(here)).replace(version, here)
    return page

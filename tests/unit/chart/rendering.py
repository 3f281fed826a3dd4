"""The chart as Helm renders it, as plain objects to ask questions of."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts" / "releaseflow"
NAMESPACE = "releaseflow-system"

Manifest = dict[str, Any]
Values = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """The chart and the Helm binary that renders it."""

    helm: str

    def text(self, values: Values, *options: str, release: str = "releaseflow") -> str:
        """The rendered YAML.

        Raises:
            subprocess.CalledProcessError: Helm refused; its words are in `stderr`.

        """
        command = [self.helm, "template", release, str(CHART), "--namespace", NAMESPACE, "--values", "-", *options]
        return subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=True).stdout

    def objects(self, values: Values | None = None, *options: str, release: str = "releaseflow") -> "Objects":
        """The rendered objects, with options of `helm template` such as what the cluster serves."""
        return Objects(tuple(documents(self.text(values or {}, *options, release=release))))


@dataclass(frozen=True)
class Objects:
    """What one rendering holds."""

    all: tuple[Manifest, ...]

    def of_kind(self, *kinds: str) -> list[Manifest]:
        """The objects of these kinds, in their order."""
        return [manifest for manifest in self.all if manifest["kind"] in kinds]

    def only(self, kind: str) -> Manifest:
        """The one object of a kind."""
        (manifest,) = self.of_kind(kind)
        return manifest


def documents(text: str) -> Iterator[Manifest]:
    """The objects in a stream of YAML, without the empty ones."""
    return (document for document in yaml.safe_load_all(text) if document)

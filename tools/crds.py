"""Write the CRDs into crds/, and the lists that the chart is made from into it: `python -m tools.crds`."""

from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

from releaseflow.api.schema.base import GROUP, VERSION
from tools import backup_members
from tools.kinds import KINDS, Column, Kind
from tools.schema import Schema, spec_schema, status_schema
from tools.workload_kinds import CHART, chart_file

HEADER = "# Generated from the models in operator/releaseflow/api by `make crds`. Do not edit it: edit them.\n"
FOLDER = Path(__file__).resolve().parent.parent / "crds"
CATEGORY = "releaseflow-all"
"""Not a name of one kind: kubectl would take `get releaseflow shop` for the category, and refuse it."""
WIDTH = 120
NOT_SEEN = {"observedGeneration": -1}
"""Status of an object that the operator has not seen: kstatus reads it as in progress, not as ready."""


def crd(kind: Kind) -> dict[str, Any]:
    """The CustomResourceDefinition of a kind."""
    singular = kind.name.lower()
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind.name,
                "listKind": f"{kind.name}List",
                "plural": kind.plural,
                "singular": singular,
                "shortNames": [kind.short_name],
                "categories": [CATEGORY],
            },
            "versions": [_version(kind)],
        },
    }


def crd_files() -> dict[Path, str]:
    """The text of every CRD, by the path of its file."""
    return {FOLDER / f"{GROUP}_{kind.plural}.yaml": HEADER + _yaml(crd(kind)) for kind in KINDS}


def root_schema(kind: Kind) -> Schema:
    """The schema of a whole object of the kind."""
    return {
        "description": kind.description,
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"description": f"Version of the API: {GROUP}/{VERSION}.", "type": "string"},
            "kind": {"description": f"Kind of the object: {kind.name}.", "type": "string"},
            "metadata": {"type": "object"},
            "spec": spec_schema(kind.spec),
            "status": {**status_schema(kind.status), "default": NOT_SEEN},
        },
    }


def _version(kind: Kind) -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
        "selectableFields": [{"jsonPath": path} for path in kind.selectable],
        "schema": {"openAPIV3Schema": root_schema(kind)},
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.kind,
        "description": column.description,
        "jsonPath": column.path,
        **({"priority": 1} if column.wide else {}),
    }


class _ReadableDumper(yaml.SafeDumper):
    """YAML for people: no anchors, and paragraphs as a block."""

    @override
    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_ReadableDumper.add_representer(str, _text)


def _yaml(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_ReadableDumper, sort_keys=False, width=WIDTH, allow_unicode=True)


def main() -> None:
    """Write the files, and name them."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in {**crd_files(), CHART: chart_file(), backup_members.CHART: backup_members.chart_file()}.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(FOLDER.parent)}")  # noqa: T201 - a command that tells its user what it did


if __name__ == "__main__":
    main()

"""The file gitops/argocd/argocd-cm.yaml: what teaches Argo CD the health and the actions of our kinds.

Its scripts are those of gitops/argocd/resource_customizations, which are laid out as upstream wants them.
"""

from pathlib import Path

import yaml

from releaseflow.api.schema.base import GROUP

FOLDER = Path(__file__).resolve().parents[1] / "gitops" / "argocd"
CONFIG_MAP = FOLDER / "argocd-cm.yaml"
ACTIONS = {"MigrationRun": ("approve",), "ReleaseFlow": ("approve", "retry", "abort", "suspend", "resume")}
"""The actions of each kind, in the order in which Argo CD shows them."""
HEADER = """\
# Generated from gitops/argocd/resource_customizations by `make docs`. Do not edit it: edit the source.
# A part of a ConfigMap that Argo CD has already. Merge it, as docs/guides/argocd.md says; `kubectl apply` would not.
"""


class _Dumper(yaml.SafeDumper):
    """Writes scripts as blocks, so that they are read as they were written."""


def config_map() -> str:
    """Return the text of the file."""
    data = {}
    for kind in ACTIONS:
        data[f"resource.customizations.health.{GROUP}_{kind}"] = _script(kind, "health.lua")
        data[f"resource.customizations.actions.{GROUP}_{kind}"] = _dump(_actions(kind))
    metadata = {"name": "argocd-cm"}
    return HEADER + _dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def _actions(kind: str) -> dict[str, object]:
    """Return what Argo CD reads of a kind's actions."""
    scripts = [{"name": name, "action.lua": _script(kind, f"actions/{name}/action.lua")} for name in ACTIONS[kind]]
    return {"discovery.lua": _script(kind, "actions/discovery.lua"), "definitions": scripts}


def _script(kind: str, name: str) -> str:
    return (FOLDER / "resource_customizations" / GROUP / kind / name).read_text(encoding="utf-8")


def _dump(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=1000)


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_block)

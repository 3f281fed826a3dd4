"""Objects as `kubectl get -o yaml` shows them, taken from stories of the core: what upstream's tests of health are fed.

They are files of gitops/argocd/resource_customizations, since upstream wants whole manifests there. A test keeps them
equal to the stories. To write them after a wanted change: python -m tests.unit.gitops.manifests
"""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import yaml

from releaseflow.api.schema.base import API_VERSION, GROUP, to_dict
from releaseflow.unstructured import Object
from tests.support.builders import NOW
from tests.unit.api.samples import pruned
from tests.unit.core.objects import Flow, Run
from tests.unit.gitops.acted import ACTED
from tests.unit.gitops.stories import FLOWS, RUNS
from tools.crds import root_schema
from tools.kinds import KINDS

ROOT = Path(__file__).resolve().parents[3]
CUSTOMIZATIONS = ROOT / "gitops" / "argocd" / "resource_customizations" / GROUP
SCHEMAS = {kind.name: root_schema(kind)["properties"] for kind in KINDS}
_UID = re.compile(r'(?<="uid": ")[^"]+')


def files() -> dict[Path, str]:
    """Return the text of every manifest, by the path of its file."""
    found = {_path("ReleaseFlow", name): _flow(story().flow) for name, story in FLOWS.items()}
    found |= {_path("MigrationRun", name): _run(story()) for name, story in RUNS.items()}
    for kind, outputs in ACTED.items():
        folder = CUSTOMIZATIONS / kind / "actions" / "testdata"
        found |= {
            folder / f"{name}.yaml": change(found[_path(kind, given)]) for name, (given, change) in outputs.items()
        }
    return {path: yaml.safe_dump(thing, sort_keys=True, width=1000) for path, thing in found.items()}


def _path(kind: str, name: str) -> Path:
    return CUSTOMIZATIONS / kind / "testdata" / f"{name}.yaml"


def _flow(flow: Flow) -> Object:
    commands = {f"{GROUP}/{name}": value for name, value in vars(flow.commands).items() if value}
    metadata = {"annotations": commands} if commands else {}
    return _manifest("ReleaseFlow", flow, metadata | {"generation": flow.generation})


def _run(run: Run) -> Object:
    return _manifest("MigrationRun", run, {"generation": 1})


def _manifest(kind: str, thing: Flow | Run, metadata: dict[str, Any]) -> Object:
    body: Object = {"apiVersion": API_VERSION, "kind": kind}
    body["metadata"] = metadata | {
        "creationTimestamp": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": thing.name,
        "namespace": "team",
        "resourceVersion": str(48000 + thing.thing.version),
        "uid": thing.uid,
    }
    body["spec"] = pruned(to_dict(thing.spec), SCHEMAS[kind]["spec"])
    if thing.status.conditions:
        body["status"] = pruned(to_dict(thing.status), SCHEMAS[kind]["status"])
    with_uids = _UID.sub(lambda found: str(uuid.uuid5(uuid.NAMESPACE_OID, found[0])), json.dumps(body))
    return dict(json.loads(with_uids))


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

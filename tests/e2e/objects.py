"""Good flows and runs, and a way to spoil them."""

import copy
from typing import Any

Document = dict[str, Any]
ABSENT = object()
"""The value of a field that is to be left out."""

FLOW: Document = {
    "apiVersion": "releaseflow.dev/v1alpha1",
    "kind": "ReleaseFlow",
    "metadata": {"name": "shop"},
    "spec": {
        "image": "ghcr.io/acme/shop:1.4.2",
        "targets": [{"name": "shop"}],
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"tool": "Django"},
    },
}
RUN: Document = {
    "apiVersion": "releaseflow.dev/v1alpha1",
    "kind": "MigrationRun",
    "metadata": {"name": "by-hand"},
    "spec": {
        **{name: FLOW["spec"][name] for name in ("image", "database", "backup")},
        "migration": {"tool": "Django", "workloadRef": {"name": "shop"}},
    },
}


def changed(document: Document, changes: dict[str, Any]) -> Document:
    """A copy with other values at dotted paths below spec; a number in a path is a place in a list."""
    made = copy.deepcopy(document)
    for path, value in changes.items():
        *parents, last = path.split(".")
        node: Any = made["spec"]
        for name in parents:
            node = node[int(name)] if isinstance(node, list) else node.setdefault(name, {})
        if value is ABSENT:
            del node[last]
        else:
            node[last] = value
    return made

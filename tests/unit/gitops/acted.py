"""What each action makes of an object: written here a second time, so that a script is not its own measure."""

import copy
from collections.abc import Callable
from typing import TypeAlias

from releaseflow.api.schema.base import GROUP
from releaseflow.unstructured import Object

Change: TypeAlias = Callable[[Object], Object]


def _annotated(command: str, value: Callable[[Object], str]) -> Change:
    def change(thing: Object) -> Object:
        after: Object = copy.deepcopy(thing)
        after["metadata"].setdefault("annotations", {})[f"{GROUP}/{command}"] = value(thing)
        return after

    return change


def _suspended(*, suspend: bool) -> Change:
    return lambda thing: {**thing, "spec": {**thing["spec"], "suspend": suspend}}


def _run(thing: Object) -> str:
    return str(thing["status"]["release"]["run"])


def _contract(thing: Object) -> str:
    [further] = thing["status"]["release"]["furtherRuns"]
    return str(further["run"])


def _version(thing: Object) -> str:
    return f"Argo CD, at version {thing['metadata']['resourceVersion']}"


ACTED: dict[str, dict[str, tuple[str, Change]]] = {
    "ReleaseFlow": {
        "awaiting_migration_approved": ("awaiting_migration", _annotated("approve", _run)),
        "awaiting_promotion_approved": (
            "awaiting_promotion",
            _annotated("approve", lambda thing: f"{_run(thing)}/BeforePromotion"),
        ),
        "awaiting_contract_approved": ("awaiting_contract", _annotated("approve", _contract)),
        "schema_ahead_approved": ("schema_ahead", _annotated("approve", _run)),
        "migration_failed_retried": ("migration_failed", _annotated("retry", _version)),
        "migrating_aborted": ("migrating", _annotated("abort", _version)),
        "released_suspended": ("released", _suspended(suspend=True)),
        "suspended_resumed": ("suspended", _suspended(suspend=False)),
    },
    "MigrationRun": {
        "awaiting_migration_by_hand_approved": (
            "awaiting_migration_by_hand",
            _annotated("approve", lambda thing: str(thing["metadata"]["name"])),
        ),
    },
}
"""By the name of the expected file: the manifest that the action is given, and what becomes of it."""

"""What users get wrong in the way that a migration runs, and what the API server answers."""

from typing import Any

from tests.e2e.bad_objects import NOT_A_CONTAINER, Bad, flow, run
from tests.e2e.objects import ABSENT

CONSOLE = {"workloadRef": {"name": "shop-console"}}
WAY: dict[str, Any] = {"runIn": "RunningContainer", "runningContainer": CONSOLE, "serviceAccountName": "shop-migrator"}
_FIELD = "spec.migration"


def _in_console(mistake: str, changes: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in a flow whose migration is executed in a running container."""
    given = {key: value for key, value in {"tool": "Django", **WAY, **changes}.items() if value is not ABSENT}
    return flow(f"running container: {mistake}", {"migration": given}, f"{_FIELD}.{field}", words)


BAD_RUNNERS = [
    flow("unknown way", {"migration.runIn": "Telegram"}, f"{_FIELD}.runIn", 'supported values: "Job"'),
    flow(
        "running container without its way",
        {"migration.runningContainer": CONSOLE},
        f"{_FIELD}.runningContainer",
        "belongs to runIn RunningContainer: write runIn: RunningContainer, or leave runningContainer out",
    ),
    _in_console(
        "none",
        {"runningContainer": ABSENT},
        "runningContainer",
        "needs a workload to execute in: write runningContainer: {workloadRef: {name: shop-console}}",
    ),
    _in_console(
        "no account", {"serviceAccountName": ABSENT}, "serviceAccountName", "write serviceAccountName: shop-migrator"
    ),
    _in_console("no workload", {"runningContainer": {}}, "runningContainer.workloadRef", "Required value"),
    _in_console(
        "a target",
        {"runningContainer": {"workloadRef": {"name": "shop"}}},
        "runningContainer.workloadRef",
        "is a target, which gets the image after the migration: name a workload that no Service selects",
    ),
    _in_console(
        "no pod that stays",
        {"runningContainer": {"workloadRef": {"kind": "CronJob", "name": "nightly"}}},
        "runningContainer.workloadRef.kind",
        "no pod of this kind stays, so nothing can be executed there",
    ),
    _in_console(
        "container by image",
        {"runningContainer": {"workloadRef": {"name": "shop-console", "container": "a:1"}}},
        "runningContainer.workloadRef.container",
        NOT_A_CONTAINER,
    ),
    _in_console("another image", {"image": "shop-migrator:1"}, "image", "leave image out"),
    _in_console("a folder", {"workingDir": "/app"}, "workingDir", "leave workingDir out"),
    _in_console("a user", {"runAsUser": 1000}, "runAsUser", "leave runAsUser out"),
    _in_console("variables", {"env": [{"name": "A", "value": "b"}]}, "env", "leave env out, and write them there"),
    _in_console("sidecars", {"sidecars": ["proxy"]}, "sidecars", "leave sidecars out"),
    _in_console("arguments of an entrypoint", {"tool": ABSENT, "args": ["migrate"]}, "args", "write them into command"),
    _in_console("resources", {"resources": {"limits": {"memory": "1Gi"}}}, "resources", "leave resources out"),
    _in_console(
        "room on the disk",
        {"resources": {"requests": {"ephemeral-storage": "1Gi"}}},
        "resources",
        "leave resources out",
    ),
    flow(
        "running container of a flow that follows",
        {"mode": "Follow", "image": ABSENT, "migration": {"tool": "Django", **WAY}},
        f"{_FIELD}.runIn",
        "with mode Follow no image is written",
    ),
    run(
        "running container without an account",
        {"migration": {"tool": "Django", "runIn": "RunningContainer", "runningContainer": CONSOLE}},
        f"{_FIELD}.serviceAccountName",
        "may create pods/exec",
    ),
]
GOOD_RUNNERS = [
    {"tool": "Django", **WAY},
    {"tool": "Knex", **WAY, "resources": {}, "check": {"folder": "/app/migrations"}},
]
"""Migrations that are executed in a running container."""

"""What users get wrong in a migration at startup, and what the API server answers."""

from typing import Any

from tests.e2e.bad_objects import flow, run
from tests.e2e.objects import ABSENT

AT_STARTUP = {"tool": "Django", "runIn": "Startup"}
IN_THE_CONTAINER: dict[str, Any] = {
    "migration": {**AT_STARTUP, "startCommand": ["serve"]},
    "database": {"fromEnv": {"url": "DATABASE_URL"}},
}


def _own(field: str, value: Any, words: str) -> Any:
    migration = {**AT_STARTUP, field: value}
    return flow(f"{field} at startup", {"migration": migration}, f"spec.migration.{field}", words)


def _shared(field: str, value: Any, words: str) -> Any:
    changes = {**IN_THE_CONTAINER, "migration": {**IN_THE_CONTAINER["migration"], field: value}}
    return flow(f"{field} with startCommand", changes, f"spec.migration.{field}", words)


BAD_STARTUP = [
    _own("image", "migrator:1", "which have the released image"),
    _own("sidecars", ["proxy"], "which have their own sidecars"),
    _own("serviceAccountName", "migrator", "which have their own ServiceAccount"),
    _own("workloadRef", {"name": "other"}, "leave workloadRef out"),
    _own("startCommand", [], "at least 1 items"),
    flow("no targets at startup", {"migration": AT_STARTUP, "targets": ABSENT}, "spec.targets", "name the targets"),
    flow(
        "no pod that starts with the promotion",
        {"migration": AT_STARTUP, "targets": [{"kind": "CronJob", "name": "nightly"}, {"name": "shop"}]},
        "spec.targets",
        "no pod of this kind starts with the promotion: name another target first",
    ),
    flow(
        "startup beside Follow",
        {"migration": AT_STARTUP, "mode": "Follow", "image": ABSENT},
        "spec.migration.runIn",
        "write mode: Promote",
    ),
    flow(
        "a promotion to approve at startup",
        {"migration": {**AT_STARTUP, "compatibility": "Additive"}, "approvals": ["BeforePromotion"]},
        "spec.approvals",
        "write approvals: [BeforeMigration]",
    ),
    flow(
        "a hook before the promotion at startup",
        {"migration": AT_STARTUP, "hooks": {"beforePromotion": [{"name": "smoke", "command": ["smoke"]}]}},
        "spec.hooks.beforePromotion",
        "into beforeMigration or afterRollout",
    ),
    flow(
        "startCommand in a Job",
        {"migration": {"tool": "Django", "startCommand": ["serve"]}, "database": IN_THE_CONTAINER["database"]},
        "spec.migration.startCommand",
        "belongs to runIn Startup",
    ),
    flow(
        "startCommand with a URL of its own",
        {"migration": IN_THE_CONTAINER["migration"]},
        "spec.database.urlSecretRef",
        "name the one with the URL in fromEnv",
    ),
    flow(
        "startCommand after args",
        {**IN_THE_CONTAINER, "migration": {"args": ["migrate"], "runIn": "Startup", "startCommand": ["serve"]}},
        "spec.migration.startCommand",
        "write tool or command",
    ),
    _shared("env", [{"name": "A", "value": "b"}], "set the variables in the target"),
    _shared("workingDir", "/app", "set it in the target"),
    _shared("runAsUser", 1000, "set it in the target"),
    _shared("resources", {"limits": {"memory": "1Gi"}}, "set them in the target"),
    run("by hand at startup", {"migration.runIn": "Startup"}, "spec.migration.runIn", "a run made by hand has none"),
]

"""What users get wrong in a flow or run, and the words that the API server answers with."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.objects import ABSENT, FLOW, RUN, Document, changed


@dataclass(frozen=True)
class Bad:
    """A mistake, where the answer has to point at, and what it has to say."""

    mistake: str
    changes: dict[str, Any]
    field: str
    words: str
    base: Document

    @property
    def document(self) -> Document:
        """The object with the mistake."""
        return changed(self.base, self.changes)


def flow(mistake: str, changes: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in a flow."""
    return Bad(mistake, changes, field, words, FLOW)


def run(mistake: str, changes: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in a run."""
    return Bad(f"run: {mistake}", changes, field, words, RUN)


def down(mistake: str, changes: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in a run that goes down."""
    goes = {"operation": "Down", "down": {"runName": "by-hand"}, "migration.tool": "Rails"}
    return Bad(mistake, {**goes, **changes}, field, words, RUN)


def variable(mistake: str, given: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in an environment variable of a step."""
    return flow(f"variable: {mistake}", {"migration.env": [given]}, f"spec.migration.env[0]{field}", words)


def amount(mistake: str, given: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in the compute resources of a step."""
    return flow(f"resources: {mistake}", {"migration.resources": given}, f"spec.migration.resources{field}", words)


NO_FRACTION = "for example 256Mi (256m would be a fraction of a byte)"
NOT_AN_IMAGE = "is not an image: write registry/name:tag"
NOT_A_DIGEST = "has no whole digest after its '@': write @sha256: and 64"
NOT_A_NAME = "is not an object's name: write lower-case letters"
NOT_A_CONTAINER = "is not a container's name: write lower-case letters"
NOT_A_KEY = "is not a key of a Secret or ConfigMap: write letters"
ONE_VALUE = "needs exactly one of value and valueFrom; for an empty variable write value: ''"
ONE_SOURCE = "needs exactly one of secretKeyRef and configMapKeyRef, for example secretKeyRef: {name: shop-api"
RESERVED = "is set by the operator: leave it out here, and take another name"
TWO_TARGETS = [{"name": "shop"}, {"name": "shop", "containers": ["web"]}]
FOLLOWING = {"mode": "Follow", "image": ABSENT}
SECRET_KEY = {"name": "shop-db", "key": "url"}

BAD = [
    flow("unknown mode", {"mode": "Wait"}, "spec.mode", 'supported values: "Promote", "Follow", "Gate"'),
    flow("nothing given", {"image": ABSENT}, "spec.image", "nothing says what to release: write image"),
    flow("image and Follow", {"mode": "Follow"}, "spec.image", "with this mode the targets name the image"),
    flow(
        "nothing to follow", FOLLOWING | {"targets": ABSENT}, "spec.targets", "nothing names the image: write targets"
    ),
    flow(
        "an approval of what is not promoted",
        FOLLOWING | {"approvals": ["BeforePromotion"], "migration.compatibility": "Additive"},
        "spec.approvals",
        "with mode Follow nothing is promoted that could wait",
    ),
    flow(
        "a rollback of what is not promoted",
        FOLLOWING | {"promotion.onRolloutFailure": "Rollback", "migration.compatibility": "Additive"},
        "spec.promotion.onRolloutFailure",
        "the image stays where it was written",
    ),
    flow("image empty", {"image": ""}, "spec.image", NOT_AN_IMAGE),
    flow("image ends in a colon", {"image": "shop:"}, "spec.image", NOT_AN_IMAGE),
    flow("image with a space", {"image": "shop :2"}, "spec.image", NOT_AN_IMAGE),
    flow("image in upper case", {"image": "Acme/Shop:2"}, "spec.image", NOT_AN_IMAGE),
    flow("image with a scheme", {"image": "https://ghcr.io/shop:2"}, "spec.image", NOT_AN_IMAGE),
    flow("image ends in an at", {"image": "shop@"}, "spec.image", NOT_A_DIGEST),
    flow("digest too short", {"image": "shop@sha256:abc"}, "spec.image", NOT_A_DIGEST),
    flow("digest too long", {"image": "shop@sha256:" + "a" * 65}, "spec.image", NOT_A_DIGEST),
    flow("image too long", {"image": "a" * 513}, "spec.image", "may not be more than 512"),
    flow("no target", {"targets": []}, "spec.targets", "should have at least 1 items"),
    flow("target twice", {"targets": TWO_TARGETS}, "spec.targets[1]", "Duplicate value"),
    flow("too many targets", {"targets": [{"name": f"t{i}"} for i in range(33)]}, "spec.targets", "at most 32 items"),
    flow(
        "unknown kind",
        {"targets.0.kind": "Pod"},
        "spec.targets[0].kind",
        'supported values: "CronJob", "DaemonSet", "Deployment", "Rollout", "StatefulSet"',
    ),
    flow("target without a name", {"targets": [{}]}, "spec.targets[0].name", "Required value"),
    flow("target in upper case", {"targets.0.name": "Shop"}, "spec.targets[0].name", NOT_A_NAME),
    flow("bad container", {"targets.0.containers": ["a.b"]}, "spec.targets[0].containers[0]", NOT_A_CONTAINER),
    flow(
        "unknown engine",
        {"database.engine": "Oracle"},
        "spec.database.engine",
        'supported values: "Other", "PostgreSQL"',
    ),
    flow("engine in lower case", {"database.engine": "postgresql"}, "spec.database.engine", '"PostgreSQL"'),
    flow("URL without key", {"database.urlSecretRef.key": ABSENT}, "spec.database.urlSecretRef.key", "Required value"),
    flow("key with a space", {"database.urlSecretRef.key": "a b"}, "spec.database.urlSecretRef.key", NOT_A_KEY),
    flow("lock with a space", {"database.lockKey": "my shop"}, "spec.database.lockKey", "is not a lock's name"),
    flow("bad client image", {"database.client.image": "pg:"}, "spec.database.client.image", NOT_AN_IMAGE),
    flow(
        "backup in no time", {"backup.deadlineSeconds": 0}, "spec.backup.deadlineSeconds", "greater than or equal to 10"
    ),
    flow("deadline with a unit", {"backup.deadlineSeconds": "45m"}, "spec.backup.deadlineSeconds", "of type integer"),
    flow("retain nothing", {"backup.retain": 0}, "spec.backup.retain", "greater than or equal to 1"),
    flow("no bytes", {"backup.minimumSizeBytes": 0}, "spec.backup.minimumSizeBytes", "greater than or equal to 1"),
    flow(
        "nothing migrates",
        {"migration": {}},
        "spec.migration.tool",
        "or a command, for example command: [make, migrate]",
    ),
    flow(
        "empty command migrates nothing",
        {"migration": {"command": [], "args": []}},
        "spec.migration.tool",
        "nothing says how to migrate",
    ),
    flow("tool in lower case", {"migration.tool": "django"}, "spec.migration.tool", '"Django"'),
    flow("tool and command", {"migration.command": ["a"]}, "spec.migration.tool", "leave out tool to give a command"),
    flow("tool and args", {"migration.args": ["a"]}, "spec.migration.tool", "leave out tool to give a command"),
    flow("command as text", {"migration": {"command": "a b"}}, "spec.migration.command", "must be of type array"),
    flow("check as text", {"migration.check": "Auto"}, "spec.migration.check", "must be of type object"),
    flow("unknown policy", {"migration.check.policy": "Off"}, "spec.migration.check.policy", '"Auto", "Never"'),
    flow(
        "check never with a command",
        {"migration.check": {"policy": "Never", "command": ["true"]}},
        "spec.migration.check.command",
        "leave out check.command, or set policy to Auto",
    ),
    flow(
        "workload without a name",
        {"migration.workloadRef": {"container": "web"}},
        "spec.migration.workloadRef.name",
        "Required value",
    ),
    flow(
        "workload of an unknown kind",
        {"migration.workloadRef": {"kind": "Job", "name": "shop"}},
        "spec.migration.workloadRef.kind",
        'supported values: "CronJob", "DaemonSet", "Deployment", "Rollout", "StatefulSet"',
    ),
    flow(
        "workload with a bad container",
        {"migration.workloadRef": {"name": "shop", "container": "a.b"}},
        "spec.migration.workloadRef.container",
        NOT_A_CONTAINER,
    ),
    flow("container by itself", {"migration.container": "web"}, "spec.migration.container", "unknown field"),
    flow(
        "migration in no time",
        {"migration.deadlineSeconds": 1},
        "spec.migration.deadlineSeconds",
        "greater than or equal to 10",
    ),
    flow("start in no time", {"jobs": {"startDeadlineSeconds": 0}}, "spec.jobs.startDeadlineSeconds", "or equal to 5"),
    flow(
        "unknown claim", {"migration.compatibility": "Safe"}, "spec.migration.compatibility", '"Additive", "Breaking"'
    ),
    amount("CPU in words", {"requests": {"cpu": "two"}}, ".requests.cpu", "for example 2 or 500m"),
    amount("CPU as number", {"limits": {"cpu": 2}}, ".limits.cpu", "must be of type string"),
    amount("thousandths of a byte", {"limits": {"memory": "256m"}}, ".limits.memory", NO_FRACTION),
    amount("storage in words", {"requests": {"ephemeral-storage": "much"}}, ".requests.ephemeral-storage", NO_FRACTION),
    amount("neither request nor limit", {"memory": "1Gi"}, ".memory", "unknown field"),
    amount("a GPU", {"limits": {"nvidia.com/gpu": "1"}}, ".limits.nvidia.com/gpu", "unknown field"),
    *(
        amount(
            f"{name} limited below its request",
            {"requests": {name: "2"}, "limits": {name: "1999m" if name == "cpu" else "1"}},
            "",
            f"limits {name} below its request: raise limits.{name}, or lower requests.{name}",
        )
        for name in ("cpu", "memory", "ephemeral-storage")
    ),
    flow(
        "account in upper case",
        {"migration.serviceAccountName": "Shop"},
        "spec.migration.serviceAccountName",
        NOT_A_NAME,
    ),
    variable("no value", {"name": "A"}, "", ONE_VALUE),
    variable("two values", {"name": "A", "value": "", "valueFrom": {"secretKeyRef": SECRET_KEY}}, "", ONE_VALUE),
    variable("no source", {"name": "A", "valueFrom": {}}, ".valueFrom", ONE_SOURCE),
    variable(
        "two sources",
        {"name": "A", "valueFrom": {"secretKeyRef": SECRET_KEY, "configMapKeyRef": SECRET_KEY}},
        ".valueFrom",
        ONE_SOURCE,
    ),
    variable("no core source", {"name": "A", "secretKeyRef": SECRET_KEY}, ".secretKeyRef", "unknown field"),
    variable(
        "a field of the pod",
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        ".valueFrom.fieldRef",
        "unknown field",
    ),
    variable("a dash", {"name": "LOG-LEVEL", "value": "1"}, ".name", "for example LOG_LEVEL"),
    variable("the session's name", {"name": "PGAPPNAME", "value": "x"}, ".name", RESERVED),
    variable("our prefix", {"name": "RELEASEFLOW_X", "value": "x"}, ".name", RESERVED),
    variable(
        "bad Secret",
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "S", "key": "k"}}},
        ".valueFrom.secretKeyRef.name",
        NOT_A_NAME,
    ),
    variable(
        "ConfigMap without key",
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "s"}}},
        ".valueFrom.configMapKeyRef.key",
        "Required",
    ),
    flow(
        "variable twice",
        {"database.client.env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
        "spec.database.client.env[1]",
        "Duplicate value",
    ),
    flow("unknown approval", {"approvals": ["Always"]}, "spec.approvals[0]", '"BeforeMigration", "BeforePromotion"'),
    flow("approval as text", {"approvals": "BeforeMigration"}, "spec.approvals", "must be of type array"),
    flow("approval twice", {"approvals": ["BeforeMigration"] * 2}, "spec.approvals[1]", "Duplicate value"),
    flow(
        "old code on a breaking schema, waiting",
        {"approvals": ["BeforePromotion"]},
        "spec.approvals",
        "set migration.compatibility to Additive if that is safe, or approvals to [BeforeMigration]",
    ),
    flow(
        "old code on a breaking schema, rolled back",
        {"promotion": {"onRolloutFailure": "Rollback"}},
        "spec.promotion.onRolloutFailure",
        "set migration.compatibility to Additive if that is safe, or onRolloutFailure to Hold",
    ),
    flow("no history", {"historyLimit": 0}, "spec.historyLimit", "greater than or equal to 1"),
    flow("suspend in words", {"suspend": "yes"}, "spec.suspend", "must be of type boolean"),
    flow("another namespace", {"targets.0.namespace": "prod"}, "spec.targets[0].namespace", "unknown field"),
    flow("misspelt field", {"migration.compatability": "Additive"}, "spec.migration.compatability", "unknown field"),
    run("bad image", {"image": "shop@"}, "spec.image", NOT_A_DIGEST),
    run(
        "flow without UID",
        {"flowRef": {"name": "shop", "uid": "", "sequence": 1}},
        "spec.flowRef.uid",
        "write the flow's UID",
    ),
    run(
        "sequence zero",
        {"flowRef": {"name": "shop", "uid": "u", "sequence": 0}},
        "spec.flowRef.sequence",
        "greater than or equal to 1",
    ),
    run("down to nowhere", {"operation": "Down"}, "spec.down", "write operation: Down with down: {runName: NAME}"),
    run("where to and not down", {"down": {"runName": "a"}}, "spec.down", "or leave out both"),
    down("down without a name", {"down": {}}, "spec.down.runName", "Required value"),
    down(
        "down of a flow",
        {"flowRef": {"name": "shop", "uid": "u", "sequence": 1}},
        "spec.flowRef",
        "leave out flowRef, and create the run by hand",
    ),
    down("down with a tool that cannot", {"migration.tool": "Django"}, "spec.migration.tool", "restore the backup"),
    down(
        "down with a command",
        {"migration.tool": ABSENT, "migration.command": ["make"]},
        "spec.migration.tool",
        "only with tool",
    ),
    down("down with arguments", {"migration.arguments": ["x"]}, "spec.migration.arguments", "leave them out"),
    down("down with hooks", {"hooks": [{"name": "h", "command": ["x"]}]}, "spec.hooks", "leave them out"),
    down(
        "down without a backup",
        {"backup": {"none": {"acknowledge": "DataMayBeLost"}}},
        "spec.backup",
        "write a place for it, or pointInTime",
    ),
    run("nothing migrates", {"migration": {}}, "spec.migration.tool", "nothing says how to migrate"),
]

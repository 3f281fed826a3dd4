"""The CRDs on a real API server: bad objects are refused with words that help, good ones get their defaults."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from releaseflow.workloads.registry import WORKLOADS
from tests.e2e.bad_backups import BAD_BACKUPS
from tests.e2e.bad_connections import BAD_CONNECTIONS, GOOD_CONNECTIONS
from tests.e2e.bad_contracts import BAD_CONTRACTS, GOOD_CONTRACTS
from tests.e2e.bad_gate import BAD_GATE, GOOD_GATES
from tests.e2e.bad_hooks import BAD_HOOKS, GOOD_HOOKS
from tests.e2e.bad_migrations import BAD_MIGRATIONS
from tests.e2e.bad_objects import BAD, Bad
from tests.e2e.bad_runners import BAD_RUNNERS, GOOD_RUNNERS
from tests.e2e.bad_startup import BAD_STARTUP, IN_THE_CONTAINER
from tests.e2e.bad_targets import BAD_TARGETS, GOOD_TARGETS
from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.objects import ABSENT, FLOW, RUN, Document, changed
from tests.e2e.stories.waiting import until
from tests.unit.api.samples import sample
from tools.kinds import KINDS, MIGRATION_RUN, RELEASE_FLOW, Kind
from tools.schema import full_schema

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("crds")]

HEX = "a" * 64
ADDITIVE = {"migration.compatibility": "Additive"}
COLUMNS = {
    "ReleaseFlow": ["NAME", "TARGETS", "WANTED", "LIVE", "GATE", "READY", "REASON", "AGE"],
    "MigrationRun": ["NAME", "FLOW", "VERSION", "BACKUP", "MIGRATION", "READY", "REASON", "DURATION", "AGE"],
}
ALL_BAD = [
    *BAD,
    *BAD_BACKUPS,
    *BAD_MIGRATIONS,
    *BAD_CONNECTIONS,
    *BAD_RUNNERS,
    *BAD_HOOKS,
    *BAD_CONTRACTS,
    *BAD_STARTUP,
    *BAD_GATE,
    *BAD_TARGETS,
]
GOOD: dict[str, dict[str, Any]] = {
    "an engine without a client": {"database.engine": "Other", "backup": {"none": {"acknowledge": "DataMayBeLost"}}},
    "no backup": {"backup": {"none": {"acknowledge": "DataMayBeLost"}}},
    "the example": {},
    **GOOD_CONNECTIONS,
    **{f"running container {number}": {"migration": way} for number, way in enumerate(GOOD_RUNNERS)},
    **GOOD_HOOKS,
    **GOOD_GATES,
    **GOOD_TARGETS,
    **GOOD_CONTRACTS,
    "no targets": {"targets": ABSENT},
    "a target of each kind": {"targets": [{"kind": kind, "name": "shop"} for kind in WORKLOADS]},
    "no targets, and a workload to inherit from": {"targets": ABSENT, "migration.workloadRef": {"name": "shop"}},
    "as many targets as there may be": {"targets": [{"name": f"shop-{i}"} for i in range(32)]},
    "metadata of the pods": {
        "jobs": {
            "podAnnotations": {"sidecar.istio.io/inject": "false"},
            "podLabels": {"app": "db-client"},
            "priorityClassName": "low",
        }
    },
    "a migration at startup": {"migration.runIn": "Startup", "approvals": ["BeforeMigration"]},
    "a command before the application's": IN_THE_CONTAINER,
    "a sidecar": {"migration.sidecars": ["cloud-sql-proxy"]},
    "the mode by its name": {"mode": "Promote"},
    "no tag": {"image": "shop"},
    "a digest": {"image": f"localhost:5000/acme/shop:2@sha256:{HEX}"},
    "a command": {"migration": {"command": ["./migrate"], "args": ["--all"]}},
    "only arguments": {"migration": {"args": ["migrate"]}},
    "a command without a check": {"migration": {"command": ["./migrate"], "check": {"policy": "Never"}}},
    "a tool's words": {
        "migration": {"tool": "Alembic", "program": ["poetry", "run", "alembic"], "path": "db/alembic.ini"}
    },
    "an image that migrates": {
        "migration.image": "localhost:5000/migrator:$(TAG)-db",
        "migration.workingDir": "/app",
        "migration.runAsUser": 0,
    },
    "a check of one's own": {"migration.check": {"command": ["./pending"]}},
    "approval before promotion": {"approvals": ["BeforePromotion"], **ADDITIVE},
    "both approvals": {"approvals": ["BeforeMigration", "BeforePromotion"], **ADDITIVE},
    "rollback": {"promotion": {"onRolloutFailure": "Rollback"}, **ADDITIVE},
    "another container than the released ones": {
        "targets.0.containers": ["web"],
        "migration.workloadRef": {"name": "shop", "container": "job"},
    },
    "a workload that is no target": {"migration.workloadRef": {"kind": "Deployment", "name": "shop-console"}},
    "a variable from a Secret": {
        "migration.env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "shop-api", "key": "token"}}}]
    },
    "an empty variable": {"database.client.env": [{"name": "A", "value": ""}]},
    "a key with dots": {"database.urlSecretRef.key": ".pg_url", "database.lockKey": "team/shop_1"},
    "amounts": {
        "migration.resources": {
            "requests": {"cpu": "1.5", "memory": "1G", "ephemeral-storage": "1Gi"},
            "limits": {"cpu": "1500m", "memory": "1Gi", "ephemeral-storage": "2Gi"},
        },
        "database.client.resources": {"limits": {"memory": "1Gi"}},
    },
}


def eventually(true: Callable[[], bool], seconds: float = 40) -> bool:
    """Whether it becomes true in time: what the API server publishes about a CRD lags behind the CRD."""
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.5)
    return done


@pytest.mark.parametrize("bad", ALL_BAD, ids=lambda bad: bad.mistake)
def test_mistake_is_refused_with_words(kubectl: Kubectl, bad: Bad) -> None:
    with pytest.raises(RefusedError) as refused:
        kubectl.create(bad.document, "--dry-run=server", "--validate=strict")
    answer = str(refused.value)
    assert bad.words in answer
    assert bad.field in answer


@pytest.mark.parametrize("name", GOOD)
def test_good_flow_is_accepted(kubectl: Kubectl, name: str) -> None:
    kubectl.create(changed(FLOW, GOOD[name]), "--dry-run=server", "--validate=strict")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_example_of_the_reference_is_accepted(kubectl: Kubectl, kind: Kind) -> None:
    kubectl.create(yaml.safe_load(kind.example), "--dry-run=server", "--validate=strict")


def test_flow_shows_its_defaults(kubectl: Kubectl) -> None:
    spec = kubectl.create(FLOW, "--dry-run=server")["spec"]
    assert spec["promotion"] == {"progressDeadlineSeconds": 600, "order": "Sequential", "onRolloutFailure": "Hold"}
    assert spec["migration"]["check"] == {"policy": "Auto", "deadlineSeconds": 600}
    assert spec["migration"]["compatibility"] == "Breaking"
    assert spec["targets"] == [{"kind": "Deployment", "name": "shop"}]
    parsed = RELEASE_FLOW.spec.model_validate(spec)
    assert parsed == RELEASE_FLOW.spec.model_validate(FLOW["spec"])


def test_flow_keeps_the_order_of_its_targets(kubectl: Kubectl) -> None:
    targets = [{"name": name} for name in ("worker", "api", "web")]
    spec = kubectl.create(changed(FLOW, {"targets": targets}), "--dry-run=server")["spec"]
    assert [target["name"] for target in spec["targets"]] == ["worker", "api", "web"]


def test_name_may_be_as_long_as_names_are(kubectl: Kubectl) -> None:
    kubectl.create({**FLOW, "metadata": {"name": "a" * 253}}, "--dry-run=server")
    with pytest.raises(RefusedError, match="must be no more than 253"):
        kubectl.create({**FLOW, "metadata": {"name": "a" * 254}}, "--dry-run=server")


@pytest.fixture(scope="module", params=[(RELEASE_FLOW, FLOW), (MIGRATION_RUN, RUN)], ids=["flow", "run"])
def stored(kubectl: Kubectl, request: pytest.FixtureRequest) -> tuple[Kind, Document]:
    """A kind, and an object of it that is in the cluster; its author tried to write its status as well."""
    kind, document = request.param
    return kind, kubectl.create({**document, "status": {"observedGeneration": 7}})


def test_status_cannot_be_written_with_the_spec(kubectl: Kubectl, stored: tuple[Kind, Document]) -> None:
    kind, document = stored
    resource = f"{kind.plural}/{document['metadata']['name']}"
    assert document["status"] == {"observedGeneration": -1}
    kubectl("patch", resource, "--type=merge", '--patch={"status":{"observedGeneration":7}}')
    assert kubectl("get", resource, "--output=json")["status"]["observedGeneration"] != 7


def test_whole_status_is_kept_and_shown(kubectl: Kubectl, stored: tuple[Kind, Document]) -> None:
    kind, document = stored
    status = sample(full_schema(kind.status))
    status["conditions"][0] |= {"type": "Ready", "reason": "ReasonOfANewerOperator", "message": "All is well."}
    name = document["metadata"]["name"]
    patch = json.dumps({"status": status})
    words = ("patch", kind.plural, name, "--subresource=status", "--type=merge", f"--patch={patch}")
    assert kubectl(*words, "--dry-run=server", "--output=json")["status"] == status

    def patched_and_shown() -> list[str]:
        """The operator works on this object as well, and may put a status of its own in between."""
        kubectl(*words)
        return list(kubectl("get", kind.short_name, name, "--output=wide").splitlines())

    [heading, row] = until(patched_and_shown, lambda lines: "ReasonOfANewerOperator" in lines[1], 30)
    assert re.split(r" {2,}", heading.strip()) == ["NAME", *(column.name.upper() for column in kind.columns)]
    assert "All is well." in re.split(r" {2,}", row.strip())
    [narrow, _] = kubectl("get", kind.short_name, name).splitlines()
    assert narrow.split() == COLUMNS[kind.name]


def test_run_never_changes(kubectl: Kubectl) -> None:
    kubectl.create({**RUN, "metadata": {"name": "snapshot"}})
    with pytest.raises(RefusedError, match="spec of a run never changes: leave it as it is and create another"):
        kubectl("patch", "mrun/snapshot", "--type=merge", '--patch={"spec":{"image":"shop:3"}}')
    kubectl("annotate", "mrun/snapshot", "seen=yes")


def test_flow_may_change(kubectl: Kubectl) -> None:
    kubectl.create({**FLOW, "metadata": {"name": "moving"}})
    kubectl("patch", "rflow/moving", "--type=merge", '--patch={"spec":{"image":"shop:3","database":{"lockKey":"b"}}}')


def test_runs_are_selected_by_their_flow(kubectl: Kubectl) -> None:
    reference = {"name": "selected", "uid": "1", "sequence": 1}
    kubectl.create({**changed(RUN, {"flowRef": reference}), "metadata": {"name": "of-a-flow"}})
    found = kubectl("get", "mrun", "--field-selector=spec.flowRef.name=selected", "--output=name")
    assert found.split() == ["migrationrun.releaseflow.dev/of-a-flow"]


def test_object_has_all_its_names(kubectl: Kubectl, stored: tuple[Kind, Document]) -> None:
    kind, document = stored
    name = document["metadata"]["name"]
    full = f"{kind.name.lower()}.releaseflow.dev/{name}"
    for word in (kind.name, kind.name.lower(), kind.plural, kind.short_name):
        assert kubectl("get", word, name, "--output=name").split() == [full]


def test_category_lists_both_kinds(kubectl: Kubectl, stored: tuple[Kind, Document]) -> None:
    kind, _ = stored

    def listed() -> bool:
        kubectl.forget()
        return f"{kind.plural}." in kubectl("api-resources", "--categories=releaseflow-all", "--output=name")

    assert eventually(listed)
    assert f"{kind.name.lower()}.releaseflow.dev/" in kubectl("get", "releaseflow-all", "--output=name")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_explain_reads_like_a_manual(kubectl: Kubectl, kind: Kind) -> None:
    def is_explained() -> bool:
        text = " ".join(kubectl("explain", f"{kind.short_name}.spec.migration").split())
        return all(
            words in text for words in ("Default: Breaking.", "enum: Additive, Breaking", "annotation releaseflow")
        )

    assert eventually(is_explained), kubectl("explain", f"{kind.short_name}.spec.migration")
    tree = kubectl("explain", f"{kind.short_name}.spec.migration", "--recursive")
    for field in ("check\t<Object>", "policy\t<string>", "secretKeyRef\t<Object>", "deadlineSeconds\t<integer>"):
        assert field in tree

"""Story 16: somebody who may write the status of Jobs says that a Job has succeeded, or failed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.stories.migrations import at_peace, at_work, database_state, lines, recorded, untouched
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

FORGER = "--as=mallory"
SUCCESS: dict[str, Any] = {
    "reason": "CompletionsReached",
    "conditions": ("SuccessCriteriaMet", "Complete"),
    "counts": {"succeeded": 1},
}
FAILURE: dict[str, Any] = {
    "reason": "BackoffLimitExceeded",
    "conditions": ("FailureTarget", "Failed"),
    "counts": {"failed": 1},
}


@pytest.fixture
def forger(shop: Shop) -> Shop:
    """A shop where mallory may write the status of Jobs."""
    rules = [
        {"apiGroups": ["batch"], "resources": ["jobs", "jobs/status"], "verbs": ["get", "list", "patch", "update"]}
    ]
    api = "rbac.authorization.k8s.io/v1"
    shop.apply(api, "Role", "forger", rules=rules)
    subject = {"kind": "User", "name": "mallory", "apiGroup": "rbac.authorization.k8s.io"}
    role = {"kind": "Role", "name": "forger", "apiGroup": "rbac.authorization.k8s.io"}
    shop.apply(api, "RoleBinding", "forger", subjects=[subject], roleRef=role)
    return shop


def test_a_forged_failure_of_a_migration_that_succeeds_changes_nothing(forger: Shop) -> None:
    shop = forger
    shop.flow("v2", migration=recorded(shop, 6))
    at_work(shop)

    forge(shop, "Migrate", FAILURE)

    shop.ready()
    (run,) = shop.runs()
    assert (run["status"]["outcome"], shop.serves()) == ("Migrated", "v2")
    assert lines(shop) == 1
    at_peace(shop)


def test_a_forged_success_of_a_migration_that_fails_changes_nothing(forger: Shop) -> None:
    shop, pods = forger, forger.pod_uids()
    shop.flow("v2", migration=recorded(shop, 6, "exit 3"))
    at_work(shop)

    forge(shop, "Migrate", SUCCESS)

    status = shop.stalled("MigrationFailed", seconds=60)
    assert status["failure"]["exitCode"] == 3
    untouched(shop, pods, image("v1"))
    at_peace(shop)
    assert database_state(shop) == "Unchanged"
    assert lines(shop) == 1


def test_a_forged_answer_of_a_check_is_not_believed(forger: Shop) -> None:
    shop = forger
    slow = ["sh", "-c", "sleep 5; exec python3 manage.py migrate --check"]
    shop.flow("v2", migration={**recorded(shop), "check": {"command": slow}})
    until(lambda: shop.all("pods", "releaseflow.dev/step=Check"), bool, 30, "the check")

    forge(shop, "Check", SUCCESS)

    shop.ready()
    (run,) = shop.runs()
    assert run["status"]["outcome"] == "Migrated", "something was pending, and was migrated"
    assert lines(shop) == 1
    at_peace(shop)


def forge(shop: Shop, step: str, end: dict[str, Any]) -> None:
    """Write the status of a Job that has ended, as the API server takes it from anybody who may."""
    (job,) = shop.all("jobs", f"releaseflow.dev/step={step}")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"status": "True", "lastProbeTime": now, "lastTransitionTime": now, "reason": end["reason"]}
    conditions = [{"type": kind, **said} for kind in end["conditions"]]
    empty = {"active": None, "ready": None, "terminating": None, "uncountedTerminatedPods": None}
    times = {"completionTime": now} if end is SUCCESS else {}
    patch = {"status": {**empty, **end["counts"], **times, "conditions": conditions}}
    name = job["metadata"]["name"]
    shop.kubectl("patch", "job", name, "--subresource=status", "--type=merge", f"--patch={json.dumps(patch)}", FORGER)

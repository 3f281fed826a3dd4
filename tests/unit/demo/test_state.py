"""The demo's timeline: each thing that happens is shown once, in the words of the status."""

import io
from typing import Any

from rich.console import Console

from demo.live_table import panel
from demo.objects import Gone, event, flow, pod, run
from demo.state import ReleaseState, Tone
from demo.visits import Visit

IMAGE = "localhost/releaseflow/shop:"


def condition(kind: str, status: str, reason: str) -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": f"{kind} says {reason}"}


def a_flow(*conditions: dict[str, str], generation: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": 1, "sequence": 2, "liveImage": IMAGE + "v1", "conditions": list(conditions)}
    return {
        "metadata": {"generation": generation},
        "spec": {"mode": "Promote", "image": IMAGE + "v2"},
        "status": status,
    }


def a_pod(uid: str, version: str, *, ready: bool = True, step: str = "", running: str = "") -> dict[str, Any]:
    labels = {"releaseflow.dev/step": step} if step else {}
    conditions = [{"type": "Ready", "status": str(ready)}]
    containers = [{"name": running, "restartCount": 0, "state": {"running": {}}}] if running else []
    return {
        "metadata": {"uid": uid, "name": f"shop-{uid}", "labels": labels},
        "spec": {"containers": [{"image": IMAGE + version}]},
        "status": {"phase": "Pending", "conditions": conditions, "initContainerStatuses": containers},
    }


def a_run(migrate: dict[str, Any], *conditions: dict[str, str]) -> dict[str, Any]:
    status = {"startTime": "2026-01-01T00:00:00Z", "steps": [migrate], "conditions": list(conditions)}
    return {
        "metadata": {"name": "shop-2-abc"},
        "spec": {"image": IMAGE + "v2", "flowRef": {"sequence": 2}},
        "status": status,
    }


def an_event(kind: str, reporter: str = "releaseflow") -> dict[str, Any]:
    return {
        "metadata": {"uid": f"{kind}-1"},
        "involvedObject": {"kind": kind, "name": "shop"},
        "reportingComponent": reporter,
        "reason": "RunFailed",
        "message": "held",
        "type": "Warning",
    }


def test_a_condition_is_shown_when_its_reason_changes_and_only_then() -> None:
    scene = ReleaseState()
    working = flow(a_flow(condition("Ready", "Unknown", "RunInProgress"), condition("Reconciling", "True", "Working")))
    assert [line.what for line in scene.see(working)] == ["Ready=Unknown  RunInProgress: Ready says RunInProgress"]
    assert list(scene.see(working)) == []
    held = flow(a_flow(condition("Ready", "False", "RunFailed"), condition("Stalled", "True", "RunFailed")))
    assert [line.tone for line in scene.see(held)] == [Tone.BAD]


def test_gates_of_a_run_are_shown_but_not_those_that_wait() -> None:
    scene = ReleaseState()
    gates = (condition("Locked", "True", "Succeeded"), condition("Migrated", "Unknown", "NotReached"))
    conditions = (*gates, condition("Succeeded", "True", "Migrated"), condition("Ready", "True", "Migrated"))
    lines = list(scene.see(run(a_run({"name": "migrate", "type": "Migrate"}, *conditions))))
    assert [(line.who, line.what) for line in lines] == [("run", "Locked=True  Succeeded: Locked says Succeeded")]


def test_a_migration_is_done_only_when_it_succeeded() -> None:
    ended = {"name": "migrate", "type": "Migrate", "completionTime": "2026-01-01T00:00:10Z"}
    good, bad = (run(a_run({**ended, "outcome": outcome})) for outcome in ("Succeeded", "Failed"))
    assert bad.done is None
    assert good.done is not None
    assert good.started is not None
    assert good.done - good.started == 10


def test_a_status_of_an_older_spec_is_not_believed() -> None:
    assert flow(a_flow()).seen
    assert not flow(a_flow(generation=2)).seen


def test_pods_are_counted_by_version() -> None:
    scene = ReleaseState()
    list(scene.see(pod(a_pod("a", "v1"))))
    lines = list(scene.see(pod(a_pod("b", "v2", ready=False))))
    assert [line.what for line in lines] == ["v1 1 ready; v2 1 starting"]
    lines = list(scene.see(Gone(pod(a_pod("a", "v1")))))
    assert [line.what for line in lines] == ["v2 1 starting"]


def test_pods_of_steps_are_shown_apart_from_the_shop() -> None:
    scene = ReleaseState()
    assert list(scene.see(pod(a_pod("m", "v2", step="Migrate")))) == []
    lines = list(scene.see(pod(a_pod("m", "v2", step="Migrate", running="migrate"))))
    assert [(line.who, line.what) for line in lines] == [("step", "Migrate with shop:v2: migrate runs")]
    assert scene.shop_pods == []


def test_a_failed_container_is_named_with_its_exit_code() -> None:
    failed = a_pod("m", "v2", step="Migrate", running="migrate")
    failed["status"]["initContainerStatuses"][0]["state"] = {"terminated": {"exitCode": 3}}
    assert [line.what for line in ReleaseState().see(pod(failed))] == ["Migrate with shop:v2: migrate exited with 3"]


def test_pods_in_several_states_are_shown_together() -> None:
    scene = ReleaseState()
    leaving = a_pod("a", "v1")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    lines = [line.what for each in (leaving, a_pod("b", "v1"), a_pod("c", "v2")) for line in scene.see(pod(each))]
    assert lines[-1] == "v1 1 ready, 1 leaving; v2 1 ready"


def test_events_of_ours_on_the_deployment_are_shown_once() -> None:
    scene = ReleaseState()
    assert [line.who for line in scene.see(event(an_event("Deployment")))] == ["event"]
    assert list(scene.see(event(an_event("Deployment")))) == []
    assert list(scene.see(event(an_event("MigrationRun")))) == []
    assert list(scene.see(event({**an_event("Deployment", "kubelet"), "metadata": {"uid": "other"}}))) == []


def test_a_new_version_and_a_lost_request_are_shown() -> None:
    scene = ReleaseState()
    assert [line.tone for line in scene.see(Visit(1, 0, 0.1, 200, "v1"))] == [Tone.GOOD]
    assert list(scene.see(Visit(2, 0, 0.1, 200, "v1"))) == []
    assert [line.tone for line in scene.see(Visit(3, 0, 0.1, 0, error="reset"))] == [Tone.BAD]


def test_the_live_table_shows_the_current_state() -> None:
    scene = ReleaseState()
    list(scene.see(flow(a_flow(condition("Ready", "False", "RunFailed"), condition("Stalled", "True", "RunFailed")))))
    list(
        scene.see(run(a_run({"name": "migrate", "type": "Migrate"}, condition("Migrated", "False", "MigrationFailed"))))
    )
    list(scene.see(Visit(1, 0, 0.1, 0, error="reset")))
    text = io.StringIO()
    Console(file=text, width=100).print(panel(scene, "0:10"))
    for expected in ("desired v2  live v1", "Ready=False RunFailed", "shop-2-abc", "1 requests, 1 failed"):
        assert expected in text.getvalue()


def test_in_gate_mode_the_status_says_which_image_is_wanted() -> None:
    seen = flow({"metadata": {"generation": 1}, "spec": {"mode": "Gate"}, "status": {"wantedImage": IMAGE + "v5"}})
    assert (seen.mode, seen.image) == ("Gate", IMAGE + "v5")

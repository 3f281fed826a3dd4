"""Client by change for CronJobs and StatefulSets: what comes of it, on the real API server."""

from typing import Any

import pytest

from releaseflow.api.v1alpha1.metadata import BYPASS, GATE_LABEL, HELD
from tests.unit.chart.gate import changes
from tests.unit.chart.gate.api import Answer, Api
from tests.unit.chart.gate.changes import Change
from tests.unit.chart.gate.clients import APPLIERS, BY_KUBECTL, CLIENTS, EDITORS, REPLACERS, Client, made
from tests.unit.chart.gate.deployments import NEXT, Deployment
from tests.unit.chart.gate.kinds import CRONJOB, STATEFULSET, Kind, held, mark, released, serving
from tests.unit.chart.rendering import Manifest

KINDS = [CRONJOB, STATEFULSET]
NEW = (
    changes.image,
    changes.image_with_its_environment,
    changes.image_of_the_init_container,
    changes.container_left_out,
)
SAME = (changes.env, changes.label, changes.annotation, changes.restart)
HELD_BY = "is held by ReleaseFlow shop until its migration is done; see why: kubectl describe rflow shop -n team"


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def there(api: Api, kind: Kind) -> Api:
    return api.of(kind.resource)


def rows(some: tuple[Client, ...], kinds: tuple[Change, ...]) -> pytest.MarkDecorator:
    """Every client with every change; kubectl takes longer, and one change is enough for it."""
    pairs = [(client, change) for client in some for change in kinds if client not in BY_KUBECTL or change is kinds[0]]
    return pytest.mark.parametrize(
        ("client", "change"), pairs, ids=[f"{client.__name__}-{change.__name__}" for client, change in pairs]
    )


def is_written(workload: Deployment, kind: Kind, client: Client, change: Change) -> None:
    """Make the change, and see that the API server took it as it was meant."""
    wanted = workload.live
    change(wanted)
    answer = made(client, workload, change)
    assert answer.taken, answer.message
    assert kind.content(workload.live) == kind.content(wanted)


def is_refused(answer: Answer, words: str) -> None:
    assert not answer.taken
    assert words in answer.message


def pause_taken_away(manifest: Manifest) -> None:
    if manifest["kind"] == "CronJob":
        manifest["spec"]["suspend"] = False
    else:
        manifest["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}


def label_of_pods_taken_away(manifest: Manifest) -> None:
    if manifest["kind"] == "StatefulSet":
        manifest["spec"]["template"]["metadata"]["labels"].pop(HELD, None)


def everything_taken_away(manifest: Manifest) -> None:
    pause_taken_away(manifest)
    label_of_pods_taken_away(manifest)
    changes.mark_taken_away(manifest)


def nothing(_: object) -> None:
    """Change nothing: what is in Git is written again."""


@rows(CLIENTS, NEW)
def test_a_new_image_is_held(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = serving(there, kind)
    is_written(workload, kind, client, change)
    assert kind.is_held(workload.live)
    assert mark(workload.live) == "true"


@rows(CLIENTS, SAME)
def test_with_the_same_images_nothing_is_held(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = serving(there, kind)
    is_written(workload, kind, client, change)
    assert kind.is_untouched(workload.live)


@rows(CLIENTS, (changes.image, changes.container_left_out, changes.env, changes.annotation, nothing))
def test_what_is_held_takes_changes_and_stays_held(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = held(there, kind)
    is_written(workload, kind, client, change)
    assert kind.is_held(workload.live)
    assert mark(workload.live) == "true"


@rows(EDITORS, (everything_taken_away,))
def test_what_is_sent_without_any_sign_stays_held(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = held(there, kind)
    is_written(workload, kind, client, change)
    assert (kind.is_held(workload.live), mark(workload.live)) == (True, "true")


@rows(EDITORS, (pause_taken_away, changes.mark_taken_away, changes.label_taken_away))
def test_who_takes_a_sign_of_the_hold_away_is_refused(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = held(there, kind)
    answer = made(client, workload, change)
    is_refused(answer, f"{kind.name} {workload.name} {HELD_BY}")
    assert f"kubectl annotate {kind.name.lower()} -n team {workload.name} --overwrite {BYPASS}={NEXT}" in answer.message
    assert kind.is_held(workload.live)


@rows(EDITORS, NEW[:1])
def test_the_label_and_an_image_do_not_change_at_once(there: Api, kind: Kind, client: Client, change: Change) -> None:
    workload = serving(there, kind)

    def both(manifest: Manifest) -> None:
        change(manifest)
        changes.label_taken_away(manifest)

    is_refused(made(client, workload, both), f"{kind.name} {workload.name} loses its label {GATE_LABEL}")


@rows((*EDITORS, *APPLIERS, *REPLACERS), (changes.image, nothing, changes.env))
def test_what_its_owner_had_set_is_noted_and_is_so_again(
    there: Api, kind: Kind, client: Client, change: Change
) -> None:
    workload = held(there, kind, **kind.suspended)
    is_written(workload, kind, client, change)
    assert (kind.is_held(workload.live), mark(workload.live)) == (True, kind.noted)

    released(workload, kind)

    live = workload.live
    assert live["spec"].get("suspend", False) is (kind is CRONJOB)
    assert kind is CRONJOB or live["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 2
    assert HELD not in str(live["spec"])


@pytest.mark.parametrize("said", [True, False])
def test_what_it_is_to_be_after_its_release_is_changed_by_the_mark_alone(there: Api, kind: Kind, *, said: bool) -> None:
    workload = held(there, kind, **({} if said else kind.suspended))
    wanted = kind.noted if said else "true"

    assert there.patch(workload.name, {"metadata": {"annotations": {HELD: wanted}}}).taken

    assert (kind.is_held(workload.live), mark(workload.live)) == (True, wanted)
    there.patch(workload.name, {"metadata": {"annotations": {HELD: "anything"}}})
    assert (kind.is_held(workload.live), mark(workload.live)) == (True, wanted)


def test_an_image_passes_with_its_bypass_and_no_other(there: Api, kind: Kind) -> None:
    workload = held(there, kind)
    assert there.patch(workload.name, {"metadata": {"annotations": {BYPASS: "another"}}}).taken
    is_refused(made(EDITORS[0], workload, pause_taken_away), HELD_BY)
    assert there.patch(workload.name, {"metadata": {"annotations": {BYPASS: NEXT}}}).taken
    assert kind.is_held(workload.live)

    is_written(workload, kind, EDITORS[0], pause_taken_away)
    assert not kind.is_held(workload.live)
    assert HELD not in str(workload.live["spec"])
    released(workload, kind)

    is_written(workload, kind, EDITORS[0], changes.image)
    assert kind.is_held(workload.live)
    assert BYPASS not in workload.live["metadata"]["annotations"]


@pytest.mark.parametrize("user", ["ann", "system:serviceaccount:kube-system:cronjob-controller"])
def test_a_first_install_is_held_whoever_makes_it(there: Api, kind: Kind, user: str) -> None:
    answer = there.create(kind.manifest("first"), user, dry_run=True)
    assert (kind.is_held(answer.said), mark(answer.said)) == (True, "true")


def test_the_mark_is_not_removed_by_the_status(there: Api, kind: Kind) -> None:
    workload = held(there, kind)
    path = f"{there.path}/{workload.name}/status"
    body: dict[str, Any] = {"metadata": {"annotations": {HELD: None}}}
    is_refused(there.call("PATCH", path, body, "application/merge-patch+json"), HELD_BY)


def test_what_is_wrong_is_said_by_the_api_server(there: Api, kind: Kind) -> None:
    wanted = kind.manifest("wrong")
    (wanted["spec"]["jobTemplate"]["spec"] if kind is CRONJOB else wanted["spec"])["template"] = {"spec": {}}
    answer = there.create(wanted)
    assert "Required value" in answer.message
    assert "releaseflow" not in answer.message


def test_a_daemonset_is_not_labelled(api: Api) -> None:
    there, kind = api.of("apps/v1/daemonsets"), Kind("DaemonSet", "apps/v1/daemonsets", {}, "")
    wanted = kind.manifest("agent")
    for field in ("replicas", "podManagementPolicy"):
        del wanted["spec"][field]
    is_refused(there.create(wanted), "DaemonSet agent cannot be held: nothing pauses a DaemonSet")
    del wanted["metadata"]["labels"]
    assert there.create(wanted).taken
    is_refused(there.patch("agent", {"metadata": {"labels": {GATE_LABEL: "shop"}}}), "DaemonSet agent cannot be held")

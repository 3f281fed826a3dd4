"""What people type who have kubectl alone, on the real API server."""

import re

import pytest

from releaseflow.api.v1alpha1.metadata import GATE_LABEL, HELD
from tests.unit.chart.gate.api import OPERATOR, Answer, Api
from tests.unit.chart.gate.deployments import (
    LATER,
    NEXT,
    SERVING,
    Deployment,
    held,
    is_held,
    is_untouched,
    serving,
)
from tests.unit.chart.gate.policies import eventually

PATCH = "patch deployment NAME --type=json --patch="
FIRST = "/spec/template/spec/containers/0"
REVISION = "deployment.kubernetes.io/revision"


def typed(deployment: Deployment, command: str) -> Answer:
    """Run a command about a Deployment."""
    return deployment.api.type(*command.replace("NAME", deployment.name).split())


def images(deployment: Deployment) -> list[str]:
    return [container["image"] for container in deployment.live["spec"]["template"]["spec"]["containers"]]


@pytest.mark.parametrize(
    "command",
    [
        f"set image deployment/NAME web={LATER}",
        f"set image deployment/NAME *={LATER}",
        f"set image deployment/NAME prepare={LATER}",
        PATCH + f'[{{"op":"replace","path":"{FIRST}/image","value":"{LATER}"}}]',
    ],
)
def test_a_new_image_is_held(api: Api, command: str) -> None:
    deployment = serving(api)

    assert typed(deployment, command).taken

    assert is_held(deployment.live)


@pytest.mark.parametrize(
    "command",
    [
        "scale deployment/NAME --replicas=2",
        "rollout restart deployment/NAME",
        "set env deployment/NAME MODE=c",
        "set resources deployment/NAME --limits=memory=64Mi",
        "annotate deployment/NAME example.test/note=a",
        "label deployment/NAME example.test/team=a",
        f"label deployment/NAME {GATE_LABEL}-",
        f"set image deployment/NAME web={SERVING}",
    ],
)
def test_with_the_same_images_nothing_is_held(api: Api, command: str) -> None:
    deployment = serving(api)

    answer = typed(deployment, command)

    assert answer.taken, answer.message
    assert is_untouched(deployment.live)


@pytest.mark.parametrize(
    "command",
    [
        "scale deployment/NAME --replicas=2",
        "set env deployment/NAME MODE=c",
        "annotate deployment/NAME example.test/note=a",
        f"label --overwrite deployment/NAME {GATE_LABEL}=other",
        f"set image deployment/NAME web={LATER}",
        f"set image deployment/NAME *={SERVING}",
    ],
)
def test_what_is_held_takes_changes_and_stays_held(api: Api, command: str) -> None:
    deployment = held(api)

    answer = typed(deployment, command)

    assert answer.taken, answer.message
    assert is_held(deployment.live)


@pytest.mark.parametrize(
    "command",
    [
        "rollout resume deployment/NAME",
        f"annotate deployment/NAME {HELD}-",
        f"annotate --overwrite deployment/NAME {HELD}=false",
        f"label deployment/NAME {GATE_LABEL}-",
        PATCH + '[{"op":"remove","path":"/spec/paused"}]',
    ],
)
def test_who_takes_a_sign_of_the_hold_away_reads_what_helps(api: Api, command: str) -> None:
    deployment = held(api)

    answer = typed(deployment, command)

    assert not answer.taken
    assert (
        f"Deployment {deployment.name} is held by ReleaseFlow shop until its migration is done; see why: "
        f"kubectl describe rflow shop -n team. To let {NEXT} serve without it: kubectl annotate deployment "
    ) in answer.message
    assert is_held(deployment.live)


def test_the_commands_of_the_refusal_let_the_image_serve(api: Api) -> None:
    deployment = held(api)
    refusal = typed(deployment, "rollout resume deployment/NAME").message
    (first, second) = re.findall(r"kubectl ((?:annotate|rollout resume) .*?)(?=, then|\s*$)", refusal)

    for command in (first, second):
        answer = typed(deployment, command)
        assert answer.taken, answer.message

    assert not deployment.live["spec"].get("paused")
    assert images(deployment)[0] == NEXT


@pytest.mark.parametrize("command", ["rollout restart", "rollout pause"])
def test_kubectl_itself_refuses_what_a_pause_forbids(api: Api, command: str) -> None:
    deployment = held(api)

    assert "paused" in typed(deployment, f"{command} deployment/NAME").message
    assert is_held(deployment.live)


def test_a_pause_of_somebody_is_theirs(api: Api) -> None:
    deployment = serving(api)

    assert typed(deployment, "rollout pause deployment/NAME").taken
    assert not is_held(deployment.live)
    assert typed(deployment, "rollout resume deployment/NAME").taken
    assert is_untouched(deployment.live)


def test_a_new_image_in_a_pause_of_somebody_is_held(api: Api) -> None:
    deployment = serving(api)
    assert typed(deployment, "rollout pause deployment/NAME").taken

    assert typed(deployment, f"set image deployment/NAME web={LATER}").taken

    assert is_held(deployment.live)
    assert not typed(deployment, "rollout resume deployment/NAME").taken


def test_to_undo_a_rollout_is_a_new_image(api: Api) -> None:
    deployment = serving(api)
    eventually(lambda: revision(deployment) == "1")
    assert api.type("set", "image", f"deployment/{deployment.name}", f"web={LATER}", user=OPERATOR).taken
    eventually(lambda: revision(deployment) == "2")

    answer = typed(deployment, "rollout undo deployment/NAME")

    assert answer.taken, answer.message
    assert images(deployment)[0] == SERVING
    assert is_held(deployment.live)
    assert "paused" in typed(deployment, "rollout undo deployment/NAME").message


def revision(deployment: Deployment) -> str:
    """Return what the deployment controller writes, to Deployments of gate mode as to others."""
    return str(deployment.live["metadata"].get("annotations", {}).get(REVISION, ""))


@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_what_is_held_may_be_deleted(api: Api, cascade: str) -> None:
    deployment = held(api)

    answer = typed(deployment, f"delete deployment NAME --cascade={cascade} --timeout=30s")

    assert answer.taken, answer.message


def test_a_finalizer_goes_while_it_is_held(api: Api) -> None:
    deployment = held(api)
    deployment.gets({"metadata": {"finalizers": ["example.test/wait"]}})
    assert typed(deployment, "delete deployment NAME --wait=false").taken

    answer = api.patch(deployment.name, {"metadata": {"finalizers": None}})

    assert answer.taken, answer.message

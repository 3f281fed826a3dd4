"""Client by change: what comes of it, on the real API server."""

import pytest

from tests.unit.chart.gate import changes
from tests.unit.chart.gate.api import OPERATOR, Answer, Api
from tests.unit.chart.gate.changes import NEW_IMAGES, SAME_IMAGES, Change
from tests.unit.chart.gate.clients import APPLIERS, BY_KUBECTL, CLIENTS, EDITORS, REPLACERS, Client, made
from tests.unit.chart.gate.deployments import Deployment, content, held, is_held, is_untouched, serving

HELD_BY = "is held by ReleaseFlow shop until its migration is done; see why: kubectl describe rflow shop -n team"


def nothing(_: object) -> None:
    """Change nothing: what is in Git is written again."""


FOR_KUBECTL = (
    changes.image,
    changes.another_container,
    changes.env,
    changes.annotation,
    changes.replicas,
    changes.pause_taken_away,
    nothing,
)
"""kubectl sends what the other clients send, and takes longer: some of the changes are enough for it."""


def rows(some: tuple[Client, ...], kinds: tuple[Change, ...]) -> pytest.MarkDecorator:
    """Every client with every change."""
    pairs = [
        (client, change) for client in some for change in kinds if client not in BY_KUBECTL or change in FOR_KUBECTL
    ]
    return pytest.mark.parametrize(
        ("client", "change"), pairs, ids=[f"{client.__name__}-{change.__name__}" for client, change in pairs]
    )


def is_written(deployment: Deployment, client: Client, change: Change) -> None:
    """Make the change, and see that the API server took it as it was meant."""
    wanted = deployment.live
    change(wanted)
    answer = made(client, deployment, change)
    assert answer.taken, answer.message
    assert content(deployment.live) == content(wanted)


def is_refused(answer: Answer, words: str) -> None:
    assert not answer.taken
    assert words in answer.message


@rows(CLIENTS, NEW_IMAGES)
def test_a_new_image_is_held(api: Api, client: Client, change: Change) -> None:
    deployment = serving(api)

    is_written(deployment, client, change)

    assert is_held(deployment.live)


@rows(CLIENTS, SAME_IMAGES)
def test_with_the_same_images_nothing_is_held(api: Api, client: Client, change: Change) -> None:
    deployment = serving(api)

    is_written(deployment, client, change)

    assert is_untouched(deployment.live)


@rows(CLIENTS, (*NEW_IMAGES, *SAME_IMAGES))
def test_what_is_held_takes_changes_and_stays_held(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)

    is_written(deployment, client, change)

    assert is_held(deployment.live)


@rows(EDITORS, (changes.pause_taken_away, changes.mark_taken_away, changes.label_taken_away))
def test_who_takes_a_sign_of_the_hold_away_is_refused(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)

    is_refused(made(client, deployment, change), HELD_BY)

    assert is_held(deployment.live)


@rows(APPLIERS, (changes.pause_taken_away,))
def test_who_says_in_git_that_it_is_not_paused_is_refused(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)
    is_written(deployment, client, nothing)

    is_refused(made(client, deployment, change), HELD_BY)

    assert is_held(deployment.live)


@rows((*APPLIERS, *REPLACERS), (nothing,))
def test_what_is_written_again_stays_held(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)

    is_written(deployment, client, change)

    assert is_held(deployment.live)


@rows(CLIENTS, (changes.image, changes.env))
def test_to_un_pause_beside_another_change_has_no_effect(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)

    def both(manifest: dict[str, object]) -> None:
        change(manifest)
        changes.pause_taken_away(manifest)

    is_written(deployment, client, both)

    assert is_held(deployment.live)


@rows(EDITORS, NEW_IMAGES)
def test_the_label_and_an_image_do_not_change_at_once(api: Api, client: Client, change: Change) -> None:
    deployment = serving(api)

    def both(manifest: dict[str, object]) -> None:
        change(manifest)
        changes.label_taken_away(manifest)

    is_refused(made(client, deployment, both), f"Deployment {deployment.name} loses its label releaseflow.dev/gate")

    assert content(deployment.live) == content(deployment.git)


def operator(deployment: Deployment, change: Change) -> Answer:
    """Write all of it as the operator."""
    wanted = deployment.live
    change(wanted)
    return deployment.api.put(wanted, OPERATOR)


@rows((operator,), (*NEW_IMAGES, *SAME_IMAGES))
def test_the_operator_writes_what_it_wants(api: Api, client: Client, change: Change) -> None:
    deployment = held(api)

    def both(manifest: dict[str, object]) -> None:
        change(manifest)
        changes.both_taken_away(manifest)

    is_written(deployment, operator, both)

    assert is_untouched(deployment.live)

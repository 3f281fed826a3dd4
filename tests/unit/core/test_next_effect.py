"""What a decision leads to: the status before the action, but for an action that needs no record; else rest."""

import pytest

from releaseflow.core.decision import Act, Action, Decision, Requeue, WriteStatus, next_effect
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.actions import FenceTarget, RollBackImage, SetImage
from releaseflow.core.flow.facts import Fence
from releaseflow.core.run.actions import StartMigration, TakeLock

CREATE = FenceTarget("Deployment", "shop", "uid", "1", Fence("shop", "uid", 1))
TAKE = TakeLock(ABSENT)


@pytest.mark.parametrize(
    ("action", "recorded", "is_held_back", "effect"),
    [
        (ABSENT, "old", False, WriteStatus("new", requires_live_read=False)),
        (ABSENT, "new", False, Requeue(7.0)),
        (CREATE, "old", False, WriteStatus("new", requires_live_read=False)),
        (CREATE, "new", False, Act(CREATE)),
        (CREATE, "new", True, Requeue(7.0)),
        (TAKE, "old", False, Act(TAKE)),
        (TAKE, "new", False, Act(TAKE)),
        (TAKE, "old", True, WriteStatus("new", requires_live_read=False)),
        (TAKE, "new", True, Requeue(7.0)),
    ],
)
def test_the_status_is_written_before_an_action_unless_it_needs_no_record(
    action: Action | Absent, recorded: str, *, is_held_back: bool, effect: object
) -> None:
    decision = Decision("new", action, requeue_after=7.0)
    assert next_effect(decision, recorded, is_held_back=is_held_back) == effect


def test_live_reads_are_asked_for_by_the_action_and_by_a_status_that_records_a_failure() -> None:
    start = StartMigration("job", "uid", "1")
    assert not next_effect(Decision("new", start), "old").requires_live_read, "the status comes first"
    assert next_effect(Decision("new", start), "new").requires_live_read
    assert next_effect(Decision("new", requires_live_read=True), "old").requires_live_read
    assert not next_effect(Decision("new", requires_live_read=True), "new").requires_live_read


def test_a_promotion_needs_no_record_and_turning_back_does() -> None:
    images = (("web", "shop:v2"),)
    assert isinstance(next_effect(Decision("new", SetImage("Deployment", "shop", "uid", "1", images)), "old"), Act)
    assert isinstance(
        next_effect(Decision("new", RollBackImage("Deployment", "shop", "uid", "1", images)), "old"), WriteStatus
    )
    assert SetImage.requires_live_read
    assert RollBackImage.requires_live_read

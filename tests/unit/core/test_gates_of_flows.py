"""Gates of a flow, asked by themselves, and what people ask of a flow by its annotations."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.reasons import Reason
from releaseflow.api.release_flow import (
    LastHandled,
    Outcome,
    Release,
    ReleaseFlowStatus,
    TargetStatus,
    TargetStep,
    Trigger,
)
from releaseflow.core.clock import timestamp
from releaseflow.core.conditions import condition
from releaseflow.core.flow.commands import unheeded
from releaseflow.core.flow.decide import decide
from releaseflow.core.flow.observed import Commands, Fence, FlowObserved
from releaseflow.core.flow.record import how_it_ended, with_release
from releaseflow.core.flow.rollout import last_target_is_rolled_out, targets_are_promoted
from releaseflow.core.observed import ABSENT
from tests.unit.core import scenes
from tests.unit.core.scenes import FLOW_UID, NEW, OLD

RELEASE = Release(sequence=2, image=NEW, trigger=Trigger.NEW_IMAGE, run="shop-2-abc", start_time=timestamp(scenes.NOW))


def promoting(**facts: Any) -> FlowObserved:
    """Return a flow whose run has succeeded."""
    status = ReleaseFlowStatus(
        sequence=2,
        release=RELEASE,
        targets=(TargetStatus(name="shop", uid="shop-uid", image=OLD),),
        last_handled=LastHandled(),
    )
    here = scenes.target(fence=Fence("shop", FLOW_UID, 2), managed=True)
    return replace(scenes.flow(status=status, targets=(here,)), **facts)


@pytest.mark.parametrize("gate", [targets_are_promoted, last_target_is_rolled_out])
def test_a_target_that_vanished_is_waited_for(gate: Any) -> None:
    assert gate(promoting(targets=(ABSENT,)), RELEASE).verdict.reason is Reason.TARGET_NOT_FOUND


def test_a_target_that_is_rolled_out_is_not_touched_again() -> None:
    seen = promoting()
    done = seen.status.model_copy(update={"targets": (TargetStatus(name="shop", step=TargetStep.ROLLED_OUT),)})
    assert targets_are_promoted(replace(seen, status=done), RELEASE).verdict.reason is Reason.OPENED


def test_how_it_ended_is_told_even_of_nothing() -> None:
    seen = scenes.flow()
    assert how_it_ended(seen, seen.status).startswith(f"{NEW} is not released")
    assert with_release(seen.status, aborted=True) == seen.status


def test_a_condition_that_is_not_there_is_nothing() -> None:
    assert condition(decide(scenes.flow()).status.conditions, "Nonsense") is None


def asked(before: ReleaseFlowStatus, **commands: str) -> tuple[str, ...]:
    """Return what is answered to commands."""
    seen = promoting(status=before, commands=Commands(**commands))
    return unheeded(before, decide(seen).status)


def test_commands_without_effect_are_answered() -> None:
    before = promoting().status
    assert asked(before) == ()
    assert "does not apply now" in asked(before, retry="1")[0]
    assert asked(before, abort="1") == ()
    assert "nothing is approved" in asked(before, approve="another-run")[0]
    assert asked(before, approve=RELEASE.run) == ()
    aborted = with_release(before, aborted=True)
    assert "abort does not apply now" in asked(aborted, abort="1")[0]
    assert "first seen" in asked(ReleaseFlowStatus(sequence=9, release=RELEASE), retry="1")[0]
    assert "none" in unheeded(ReleaseFlowStatus(), ReleaseFlowStatus(last_handled=LastHandled(approve="x")))[0]


def test_a_retry_that_starts_a_release_is_not_answered() -> None:
    before = with_release(promoting().status, outcome=Outcome.ABORTED)
    seen = promoting(status=ReleaseFlowStatus.model_validate(before.model_dump()), commands=Commands(retry="1"))
    assert unheeded(before, decide(seen).status) == ()

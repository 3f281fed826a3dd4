"""Runs of a release beside the one that migrates: what the flow makes of one that is wrong, gone, or comes late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from releaseflow.api.v1alpha1.contract import Contract
from releaseflow.api.v1alpha1.failure import Failure
from releaseflow.api.v1alpha1.hooks import Hooks
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import FurtherRun, Outcome, Release, Trigger
from releaseflow.api.v1alpha1.release_flow import LastHandled, ReleaseFlowStatus
from releaseflow.core.decision import Decision, Stopped, Waiting
from releaseflow.core.facts import ABSENT
from releaseflow.core.flow import contract as contracts
from releaseflow.core.flow.actions import CreateRun
from releaseflow.core.flow.commands import find_ignored_commands
from releaseflow.core.flow.facts import FlowObserved, RunForFlow
from releaseflow.core.flow.failure_hooks import with_failure_hooks, with_seen_failure_hooks
from releaseflow.core.flow.further_runs import follow_further_run, with_further_run
from releaseflow.core.flow.history import FlowResult, ReleaseEnded, fail_release
from releaseflow.core.flow.hooks import _take_over, hooks_of, spec_of_hooks
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import FLOW_UID, NEW, NOW, OLD

ON_FAILURE, BEFORE, CONTRACT = RunRole.ON_FAILURE, RunRole.BEFORE_PROMOTION, RunRole.CONTRACT
HOOK = {"name": "tell", "command": ["bin/tell"]}
SOAKED = Contract(soak_seconds=60)


def release(*further: FurtherRun, **facts: Any) -> Release:
    start = timestamp(NOW - timedelta(hours=1))
    given = {"sequence": 1, "image": NEW, "trigger": Trigger.NEW_IMAGE, "run": "shop-1", "start_time": start, **facts}
    return Release(**given, further_runs=further)


def known(role: RunRole, **facts: Any) -> FurtherRun:
    return FurtherRun(role=role, run="shop-1-more", **facts)


def run(role: RunRole, **facts: Any) -> RunForFlow:
    seen = RunForFlow("shop-1-more", "more-uid", "1", NEW, FLOW_UID, 1, role=role, message="it says so")
    return replace(seen, **facts)


def flow(of: Release, *seen: RunForFlow, **spec: Any) -> FlowObserved:
    hooks = {"onFailure": [HOOK], "beforePromotion": [HOOK]}
    status = ReleaseFlowStatus(release=of, sequence=1, targets=(builders.known(OLD),))
    return builders.flow(spec=builders.flow_spec(hooks=hooks, **spec), status=status, further=seen)


def test_a_run_of_the_name_that_was_made_for_something_else_is_not_believed() -> None:
    of, theirs = release(known(BEFORE)), run(BEFORE, flow_uid="another")
    result = follow_further_run(flow(of, theirs), of, BEFORE, spec_of_hooks)
    assert not isinstance(result, RunForFlow)
    assert result.verdict.reason is Reason.NAME_TAKEN


def test_nothing_is_created_while_the_flow_is_suspended() -> None:
    of = release(known(BEFORE))
    result = follow_further_run(flow(of, suspend=True), of, BEFORE, spec_of_hooks)
    assert not isinstance(result, RunForFlow)
    assert (result.verdict.reason, isinstance(result.verdict, Waiting)) == (Reason.SUSPENDED, True)


def test_a_flow_without_a_release_records_no_run() -> None:
    assert with_further_run(ReleaseFlowStatus(), known(BEFORE)) == ReleaseFlowStatus()


def test_an_approval_of_a_further_run_is_not_said_to_approve_nothing() -> None:
    of = release(known(CONTRACT))
    before = replace(flow(of), status=ReleaseFlowStatus(release=of, sequence=1, last_handled=LastHandled()))
    after = before.status.model_copy(update={"last_handled": LastHandled(approve="shop-1-more")})
    assert find_ignored_commands(before, after) == ()


def test_only_the_places_of_hooks_have_any() -> None:
    hooks = Hooks.model_validate({"beforeMigration": [HOOK]})
    assert [hook.name for hook in hooks_of(hooks, RunRole.MIGRATION)] == ["tell"]
    assert hooks_of(hooks, CONTRACT) == ()


@pytest.mark.parametrize(
    ("outcome", "ends"), [(Reason.SUPERSEDED, Outcome.SUPERSEDED), (Reason.RUN_DELETED, Outcome.FAILED)]
)
def test_hooks_that_ended_without_a_failure_of_their_own_end_the_release_all_the_same(
    outcome: Reason, ends: Outcome
) -> None:
    of = release(known(BEFORE, uid="more-uid"))

    def failed(facts: FlowObserved, failure: Failure) -> FlowResult:
        return fail_release(facts.status, failure)

    verdict = _take_over(flow(of), BEFORE, run(BEFORE, outcome=outcome), failed).verdict
    assert isinstance(verdict, ReleaseEnded)
    assert (verdict.outcome, verdict.reason) == (ends, outcome)


def test_hooks_of_a_failure_whose_name_is_taken_are_recorded_so() -> None:
    of = release(known(ON_FAILURE), outcome=Outcome.FAILED)
    status = with_seen_failure_hooks(flow(of, run(ON_FAILURE, flow_uid="another")))
    assert status.release is not None
    assert status.release.further_runs[0].outcome is Reason.NAME_TAKEN


def test_hooks_of_a_failure_whose_run_is_gone_have_failed_and_are_not_made_again() -> None:
    of = release(known(ON_FAILURE, uid="more-uid"), outcome=Outcome.FAILED)
    facts = flow(of)
    decided = with_failure_hooks(facts, Decision(facts.status))
    assert decided.status.release is not None
    assert decided.status.release.further_runs[0].outcome is Reason.HOOK_FAILED
    assert (decided.requires_live_read, decided.action) == (True, ABSENT)


def test_hooks_of_a_failure_are_created_unless_the_flow_is_suspended_or_has_something_else_to_do() -> None:
    of = release(known(ON_FAILURE), outcome=Outcome.FAILED)
    facts, busy = flow(of), CreateRun("other", builders.run_spec())
    assert isinstance(with_failure_hooks(facts, Decision(facts.status)).action, CreateRun)
    assert with_failure_hooks(facts, Decision(facts.status, busy)).action is busy
    suspended = flow(of, suspend=True)
    assert with_failure_hooks(suspended, Decision(suspended.status)).action is ABSENT


def contracted(*further: FurtherRun) -> Release:
    return release(*further, outcome=Outcome.RELEASED, completion_time=timestamp(NOW - timedelta(minutes=5)))


def test_the_old_pods_matter_once_a_contract_could_begin_and_has_no_run() -> None:
    spec = builders.flow_spec(contract={"soakSeconds": 60})
    for further, due in (((), True), ((known(CONTRACT),), True), ((known(CONTRACT, uid="more-uid"),), False)):
        assert contracts.is_due(spec, ReleaseFlowStatus(release=contracted(*further)), NOW) is due
    assert not contracts.is_due(spec, ReleaseFlowStatus(release=contracted()), NOW - timedelta(minutes=5))
    assert not contracts.is_due(builders.flow_spec(), ReleaseFlowStatus(release=contracted()), NOW)


def test_a_suspended_flow_begins_no_contract() -> None:
    of = contracted()
    following = contracts._begin(flow(of, suspend=True), of, SOAKED, ABSENT)
    assert (following.says.reason, following.action) == (Reason.SUSPENDED, ABSENT)


def test_a_contract_whose_name_is_taken_has_failed() -> None:
    of = contracted(known(CONTRACT))
    following = contracts._follow(flow(of), of, known(CONTRACT), run(CONTRACT, sequence=7))
    assert following.says.reason is Reason.CONTRACT_FAILED
    assert following.known is not ABSENT
    assert following.known.outcome is Reason.NAME_TAKEN


def test_a_contract_that_was_superseded_is_neither_done_nor_failed() -> None:
    says = contracts._says(run(CONTRACT), Reason.SUPERSEDED)
    assert (says.status.value, says.reason, says.message) == ("Unknown", Reason.SUPERSEDED, "it says so")


@pytest.mark.parametrize(
    ("outcome", "said"), [(Reason.MIGRATED, ("True", Reason.MIGRATED)), (Reason.ABORTED, ("False", "ContractFailed"))]
)
def test_what_a_contract_led_to_is_said_again_where_its_condition_was_lost(outcome: Reason, said: object) -> None:
    ended = known(CONTRACT, uid="more-uid", outcome=outcome)
    says = contracts._kept(flow(contracted(ended)), ended)
    assert (says.status.value, says.reason) == said
    assert Stopped(says.reason, says.message).message

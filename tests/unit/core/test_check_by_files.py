"""A check by the names of files: our own client answers, with a code of its own."""

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ContainerFacts, PodPhase
from releaseflow.core.run.check import nothing_is_pending
from releaseflow.core.run.decide import decide
from tests.support import builders
from tests.unit.core.messages import assert_known
from tests.unit.core.records import job, under_way, with_steps

OUR_CLIENT = "releaseflow/postgresql:18"


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        (builders.container("check", image=OUR_CLIENT), Reason.NOTHING_PENDING),
        (builders.container("check"), Reason.CHECKING),
        (builders.container("check", 3, image=OUR_CLIENT), Reason.MIGRATION_PENDING),
        (builders.container("check", 1, image=OUR_CLIENT), Reason.CHECKING),
        (builders.container("check", 2, image=OUR_CLIENT), Reason.CHECKING),
    ],
    ids=["nothing", "another image", "pending", "no answer", "wrong usage"],
)
def test_our_client_answers_by_its_own_code(container: ContainerFacts, reason: Reason) -> None:
    spec = builders.run_spec(migration={"tool": "Knex", "check": {"folder": "/app/migrations"}})
    pods = (builders.pod(StepType.CHECK, PodPhase.RUNNING, container),)
    facts = with_steps(under_way(StepType.CHECK), jobs=job(StepType.CHECK), pods=pods, spec=spec)

    assert_known(decide(facts))
    assert nothing_is_pending(facts).verdict.reason is reason

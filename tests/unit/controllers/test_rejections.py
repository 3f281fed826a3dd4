"""What the API server refused: reported once in one line, tried again after growing pauses."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.rejections import LONGEST_PAUSE, Rejections, rejection_cause
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.core.facts import ABSENT, PendingCause
from releaseflow.core.flow.actions import SetImage
from releaseflow.core.run.actions import AddFinalizer, CreateJob
from releaseflow.kube.errors import ForbiddenError
from releaseflow.kube.requests import Request, Verb
from releaseflow.kube.resources import Resource
from tests.support.objects import DEPLOYMENT

KEY = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
CREATE = CreateJob(StepType.CHECK, "shop-1-aa-check", 1, "cafe")
QUOTA = ForbiddenError(
    Request(Verb.CREATE, Resource.JOB, "shop", "shop-1-aa-check"),
    "exceeded quota: jobs, requested: x=1, used: x=9, limited: x=9",
)


def test_an_action_waits_longer_after_each_refusal() -> None:
    time = [0.0]
    refusals = Rejections(lambda: time[0])
    pauses = []
    for _ in range(8):
        refusals.add(KEY, CREATE, QUOTA)
        pauses.append(refusals.pause(KEY, CREATE))
        time[0] += pauses[-1]
        assert refusals.pause(KEY, CREATE) == 0

    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_another_action_need_not_wait() -> None:
    refusals = Rejections(lambda: 0.0)
    refusals.add(KEY, CREATE, QUOTA)

    assert refusals.pause(KEY, AddFinalizer()) == 0
    assert isinstance(refusals.cause(KEY), PendingCause)

    refusals.clear(KEY)
    assert refusals.cause(KEY) is ABSENT
    assert refusals.pause(KEY, CREATE) == 0


def test_the_reason_and_a_message_that_does_not_count() -> None:
    assert rejection_cause(CREATE, QUOTA) == PendingCause(
        Reason.QUOTA_EXCEEDED,
        "The API server refused CREATE Job shop/shop-1-aa-check: exceeded quota: jobs, requested: x=1",
    )


def test_a_refused_promotion_is_one() -> None:
    error = ForbiddenError(Request(Verb.APPLY, DEPLOYMENT, "shop", "shop"), "denied by policy")

    assert rejection_cause(SetImage("Deployment", "shop", "u", "1", ()), error).reason is Reason.PROMOTION_REFUSED

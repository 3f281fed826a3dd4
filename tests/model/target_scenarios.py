"""The scenarios in which a flow has two targets."""

from releaseflow.api.v1alpha1.migration import Compatibility, Migration
from releaseflow.api.v1alpha1.promotion import Mode, OnRolloutFailure, Promotion, PromotionOrder
from releaseflow.core.facts import ABSENT
from tests.model.scenario import Scenario, once
from tests.model.troubles import NETWORK
from tests.support import builders

_SHORT = ("backup", builders.NO_BACKUP)
"""What comes before the promotion is explored elsewhere."""
_ADDITIVE = ("migration", Migration(command=("migrate",), compatibility=Compatibility.ADDITIVE))
_BACK = OnRolloutFailure.ROLLBACK
_PARALLEL = ("promotion", Promotion(order=PromotionOrder.PARALLEL, on_rollout_failure=_BACK))
OF_TARGETS = (
    Scenario(
        "parallel",
        "two targets move at once: one does not come up, and both go back",
        once("rollout fails"),
        1,
        spec=(_SHORT, _ADDITIVE, _PARALLEL),
        has_worker=True,
        quick=True,
    ),
    Scenario(
        "parallel and network",
        "two targets move at once: one or both do not come up, and all go back; any two with troubles of the network",
        (("rollout fails", 2), *once(*NETWORK)),
        2,
        spec=(_SHORT, _ADDITIVE, _PARALLEL),
        has_worker=True,
    ),
    Scenario(
        "two targets",
        "two targets move one after the other: one does not come up, and both go back; or an answer is lost",
        once("rollout fails", "answer lost"),
        1,
        spec=(_SHORT, _ADDITIVE, ("promotion", Promotion(on_rollout_failure=_BACK))),
        has_worker=True,
        quick=True,
    ),
    Scenario(
        "gate and parallel",
        "admission holds two targets at a first install, which go on at once: one fails, or one trouble of the network",
        (("rollout fails", 2), *once(*NETWORK)),
        1,
        spec=(
            _SHORT,
            ("mode", Mode.GATE),
            ("image", ABSENT),
            ("promotion", Promotion(order=PromotionOrder.PARALLEL)),
        ),
        has_worker=True,
        is_held=True,
        quick=True,
    ),
)

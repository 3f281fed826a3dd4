"""The scenarios in which admission holds the new images of a target."""

from releaseflow.api.v1alpha1.migration import Compatibility, Migration
from releaseflow.api.v1alpha1.promotion import Mode
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.core.facts import ABSENT
from tests.model.scenario import Scenario, once
from tests.model.troubles import NETWORK

_GATED = (("mode", Mode.GATE), ("image", ABSENT))
_ADDITIVE = Migration(command=("migrate",), compatibility=Compatibility.ADDITIVE)
OF_GATE = (
    Scenario(
        "gate",
        "a first install is held, and any one trouble of people, network or fates",
        once(*NETWORK, "set image", "migration failed", "break glass", "replace target", "abort", "retry", "suspend"),
        1,
        spec=_GATED,
        is_held=True,
        quick=True,
    ),
    Scenario(
        "gate and image",
        "admission holds a new image at any moment",
        once("set image", "break glass"),
        1,
        spec=_GATED,
    ),
    Scenario(
        "gate and people",
        "admission holds a new image: any two of people's troubles",
        once("set image", "migration failed", "abort", "retry", "break glass", "suspend", "resume"),
        2,
        spec=_GATED,
    ),
    Scenario(
        "gate and target",
        "admission holds a new image, and the target is made again or loses its fence",
        once("set image", "replace target", "drop fence"),
        2,
        spec=_GATED,
    ),
    Scenario(
        "gate and images",
        "admission holds two new images, or one and any other trouble of people or network",
        (("set image", 2), *once(*NETWORK, "nothing pending", "migration failed", "suspend", "rollout fails")),
        2,
        spec=_GATED,
    ),
    Scenario(
        "gate and approval",
        "admission holds a new image, whose promotion is approved, and an answer is lost",
        (("set image", 1), ("approve", 2), ("answer lost", 1)),
        3,
        spec=(*_GATED, ("migration", _ADDITIVE), ("approvals", (Approval.BEFORE_PROMOTION,))),
    ),
)

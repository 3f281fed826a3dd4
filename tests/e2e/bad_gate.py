"""What users get wrong in a flow whose targets admission holds, and the words that the API server answers with."""

from tests.e2e.bad_objects import flow
from tests.e2e.objects import ABSENT

GATED = {"mode": "Gate", "image": ABSENT}

BAD_GATE = [
    flow("image and Gate", {"mode": "Gate"}, "spec.image", "with this mode the targets name the image"),
    flow("nothing to hold", GATED | {"targets": ABSENT}, "spec.targets", "nothing names the image: write targets"),
    flow(
        "what cannot be held",
        GATED | {"targets": [{"name": "shop"}, {"kind": "DaemonSet", "name": "agent"}]},
        "spec.targets",
        "a target must be held back, which only CronJob, Deployment, Rollout, StatefulSet can be: name others in",
    ),
    flow(
        "a rollback of what was held",
        GATED | {"promotion.onRolloutFailure": "Rollback", "migration.compatibility": "Additive"},
        "spec.promotion.onRolloutFailure",
        "the image stays where it was written",
    ),
    flow(
        "at startup of what is held",
        GATED | {"migration.runIn": "Startup"},
        "spec.migration.runIn",
        "and this mode writes nothing",
    ),
    flow("a long revision", GATED | {"revision": "r" * 257}, "spec.revision", "may not be more than 256"),
]
GOOD_GATES = {
    "a gate": GATED,
    "a gate of several": GATED | {"targets": [{"name": "shop"}, {"kind": "Deployment", "name": "worker"}]},
    "a gate of other kinds": GATED | {"targets": [{"kind": kind, "name": "a"} for kind in ("CronJob", "StatefulSet")]},
    "a gate with an approval": GATED | {"approvals": ["BeforePromotion"], "migration.compatibility": "Additive"},
    "a gate with a revision": GATED | {"revision": "7"},
    "a gate with a contract": GATED | {"contract": {}},
    "a gate with hooks": GATED | {"hooks": {"afterRollout": [{"name": "smoke", "command": ["true"]}]}},
}
"""Changes of a flow that go well with mode Gate."""

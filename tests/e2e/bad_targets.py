"""What users get wrong in the targets of a flow, and the words that the API server answers with."""

from typing import Any

from tests.e2e.bad_objects import flow
from tests.e2e.objects import ABSENT

LABELS = {"matchLabels": {"app": "shop"}}
WITHOUT_WORKLOAD: dict[str, Any] = {"targets": ABSENT, "targetSelector": LABELS}
CHOSEN: dict[str, Any] = WITHOUT_WORKLOAD | {"migration.workloadRef": {"name": "shop"}}
BAD_TARGETS = [
    flow("an order of no kind", {"promotion.order": "Random"}, "spec.promotion.order", "Unsupported value"),
    flow("named and chosen", CHOSEN | {"targets": [{"name": "shop"}]}, "spec.targetSelector", "named or chosen"),
    flow("chosen without any label", CHOSEN | {"targetSelector": {}}, "spec.targetSelector", "choose every workload"),
    flow(
        "chosen, and no environment",
        WITHOUT_WORKLOAD,
        "spec.migration.workloadRef",
        "name a workload, for example workloadRef: {name: shop}",
    ),
    flow(
        "chosen among what cannot be held",
        CHOSEN | {"mode": "Gate", "image": ABSENT, "targetSelector": LABELS | {"kinds": ["Deployment", "DaemonSet"]}},
        "spec.targetSelector.kinds",
        "a target must be held back",
    ),
    flow(
        "compared with nothing",
        CHOSEN | {"targetSelector": {"matchExpressions": [{"key": "app", "operator": "In"}]}},
        "spec.targetSelector.matchExpressions[0].values",
        "write values: [web]",
    ),
    flow(
        "at startup of what is chosen",
        WITHOUT_WORKLOAD | {"migration.runIn": "Startup"},
        "spec.targets",
        "name the targets, or write runIn: Job",
    ),
]
GOOD_TARGETS: dict[str, dict[str, Any]] = {
    "targets at once": {"promotion.order": "Parallel"},
    "chosen targets": CHOSEN,
    "chosen targets of several kinds": CHOSEN
    | {"targetSelector": LABELS | {"kinds": ["Deployment", "StatefulSet", "CronJob"]}},
    "chosen targets by expressions": CHOSEN
    | {
        "targetSelector": {
            "matchExpressions": [
                {"key": "app.kubernetes.io/part-of", "operator": "In", "values": ["shop", "mart"]},
                {"key": "legacy", "operator": "DoesNotExist"},
            ]
        }
    },
    "chosen targets that are held": CHOSEN | {"mode": "Gate", "image": ABSENT},
    "chosen targets with hooks": CHOSEN | {"hooks": {"afterRollout": [{"name": "smoke", "command": ["true"]}]}},
    "chosen targets with a contract": CHOSEN | {"contract": {}},
}
"""Changes of a flow that go well."""

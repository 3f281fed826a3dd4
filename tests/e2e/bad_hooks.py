"""What users get wrong in the hooks of a flow, and the words that the API server answers with."""

from typing import Any

from tests.e2e.bad_objects import NOT_AN_IMAGE, RESERVED, Bad, flow, run
from tests.e2e.objects import ABSENT

SMOKE = {"name": "smoke-test", "command": ["bin/smoke"]}


def hook(mistake: str, given: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in a hook."""
    hooks = [{name: value for name, value in {**SMOKE, **given}.items() if value is not ABSENT}]
    path = "spec.hooks.beforePromotion[0]"
    return flow(f"hook: {mistake}", {"hooks": {"beforePromotion": hooks}}, f"{path}{field}", words)


BAD_HOOKS = [
    hook("nothing to run", {"command": ABSENT}, ".command", "nothing says what the hook runs, and the released image"),
    hook("an empty command", {"command": []}, ".command", "write a command, for example command: [bin/smoke]"),
    hook("name of a step", {"name": "backup"}, ".name", "is the name of a step of the run (check, hook, backup"),
    hook("name in capitals", {"name": "Smoke"}, ".name", "is not a hook's name: write lower-case letters"),
    hook("name with a digit first", {"name": "2nd"}, ".name", "beginning with a letter, for example smoke-test"),
    hook("name too long", {"name": "a" * 31}, ".name", "may not be more than 30"),
    hook("image", {"image": "Shop:1"}, ".image", NOT_AN_IMAGE),
    hook("reserved variable", {"env": [{"name": "PGAPPNAME", "value": "x"}]}, ".env[0].name", RESERVED),
    hook("no time", {"deadlineSeconds": 1}, ".deadlineSeconds", "should be greater than or equal to 5"),
    hook("another end", {"onFailure": "Retry"}, ".onFailure", 'supported values: "Hold", "Continue"'),
    flow("hooks: twice", {"hooks": {"onFailure": [SMOKE, SMOKE]}}, "spec.hooks.onFailure[1]", "Duplicate value"),
    flow(
        "hooks: six",
        {"hooks": {"onFailure": [{**SMOKE, "name": f"smoke-{i}"} for i in range(6)]}},
        "spec.hooks.onFailure",
        "must have at most 5 items",
    ),
    flow(
        "hooks: of a promotion without targets",
        {"targets": ABSENT, "hooks": {"beforePromotion": [SMOKE]}},
        "spec.hooks",
        "there is neither promotion nor rollout of ours: write hooks.beforeMigration or hooks.onFailure",
    ),
    flow(
        "hooks: of a promotion that follows",
        {"mode": "Follow", "image": ABSENT, "hooks": {"afterRollout": [SMOKE]}},
        "spec.hooks",
        "there is neither promotion nor rollout of ours: write hooks.beforeMigration or hooks.onFailure",
    ),
    run(
        "hooks by hand",
        {"operation": "Hook", "hooks": [SMOKE]},
        "spec.operation",
        "hooks belong to a release: write them into spec.hooks of a ReleaseFlow",
    ),
]
GOOD_HOOKS: dict[str, dict[str, Any]] = {
    "hooks at all places": {
        "hooks": {place: [SMOKE] for place in ("beforeMigration", "beforePromotion", "afterRollout", "onFailure")}
    },
    "a hook of an image's own": {
        "hooks": {"afterRollout": [{"name": "e2e", "image": "ghcr.io/acme/e2e:$(TAG)", "onFailure": "Continue"}]}
    },
    "hooks without targets": {"targets": ABSENT, "hooks": {"beforeMigration": [SMOKE], "onFailure": [SMOKE]}},
}

"""Mutants of flows that follow their targets."""

from tests.mutants.mutant import FLOW, Mutant, Tier

RULE, STORIES = "a flow follows its targets", "core/test_scenario_follow.py"

MUTANTS = (
    Mutant(
        "a flow that follows its targets promotes",
        RULE,
        f"{FLOW}/gates.py",
        "    if follows_targets(facts.spec):\n        return _FOLLOWING\n",
        "",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "an image that appears after the first is no news",
        RULE,
        f"{FLOW}/follow.py",
        "return next((image for image in _new_images(facts) if image != known), known)",
        'return known or next(_new_images(facts), "")',
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "an image is recorded before a release of it has begun",
        RULE,
        f"{FLOW}/follow.py",
        'image=image if image == released else recorded.get(name, "")',
        "image=image",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "an image of another repository starts a release",
        RULE,
        f"{FLOW}/follow.py",
        "if repository(image) == repository(ours) and recorded.get(name) != image:",
        "if recorded.get(name) != image:",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "an image from which no release can begin begins one",
        RULE,
        f"{FLOW}/decide.py",
        "    if unusable:\n",
        "    if False:\n",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "a failure says that the old version serves where nothing held the new one back",
        RULE,
        "core/run/failures.py",
        "serves = facts.flow is not ABSENT and facts.flow.holds_back",
        "serves = True",
        Tier.UNIT,
        STORIES,
    ),
)

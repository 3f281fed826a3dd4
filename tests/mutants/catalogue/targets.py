"""Mutants of flows with several targets: moved one after the other, or at once."""

from tests.mutants.mutant import FLOW, Mutant, Tier

RULE, STORIES = "several targets", "core/test_scenario_parallel.py"

MUTANTS = (
    Mutant(
        "targets that go one after the other are moved at once",
        RULE,
        f"{FLOW}/promotion.py",
        "if in_sequence and index < last:",
        "if False:",
        killer="two targets",
    ),
    Mutant(
        "targets that move at once wait for each other",
        RULE,
        f"{FLOW}/promotion.py",
        "if in_sequence and index < last:",
        "if index < last:",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "only the last of the targets is watched",
        RULE,
        f"{FLOW}/rollout.py",
        "return follow_rollouts(facts, release, left) if left",
        "return follow_rollouts(facts, release, left[-1:]) if left",
        killer="parallel",
    ),
    Mutant(
        "a target on its way does not go back with those that failed",
        RULE,
        f"{FLOW}/rollback.py",
        "moved = status.step in {TargetStep.PROMOTED, TargetStep.ROLLED_OUT, TargetStep.FAILED}",
        "moved = status.step in {TargetStep.ROLLED_OUT, TargetStep.FAILED}",
        killer="parallel",
    ),
    Mutant(
        "a target that is paused hides one that failed",
        RULE,
        f"{FLOW}/rollout.py",
        "    if failed:\n",
        "    if failed and not any(target.rollout is Rollout.PAUSED for target in on_the_way):\n",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "the time of a target that is paused stands still for all",
        RULE,
        f"{FLOW}/rollout.py",
        "late = _seconds_left(facts, index) <= 0",
        "late = all(t.promoted_time for t in facts.status.targets) and _seconds_left(facts, index) <= 0",
        Tier.UNIT,
        STORIES,
    ),
    Mutant(
        "a target that is scaled once it was rolled out counts as one that rolls out",
        RULE,
        f"{FLOW}/rollout.py",
        "left = tuple(index for index, known in row if known.step is not TargetStep.ROLLED_OUT)",
        "left = tuple(index for index, known in row if known)",
        Tier.UNIT,
        "core/test_scenario_hooks_at_work.py",
    ),
)

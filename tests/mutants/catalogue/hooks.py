"""Mutants of hooks: each once, in its place, and nothing goes past one that has not ended as it must."""

from tests.mutants.mutant import FLOW, RUN, Mutant, Tier

STORY, RULE = "core/test_scenario_hooks.py", "hooks"

MUTANTS = (
    Mutant(
        "a hook that failed lets its image be promoted",
        RULE,
        "core/outcomes.py",
        "HOOKS_SUCCESSFUL = frozenset({Reason.HOOKS_DONE, Reason.HOOK_FAILURE_ALLOWED})",
        "HOOKS_SUCCESSFUL = frozenset({Reason.HOOKS_DONE, Reason.HOOK_FAILURE_ALLOWED, Reason.HOOK_FAILED})",
        killer="smoke test",
    ),
    Mutant(
        "a hook's Job is created running",
        RULE,
        "jobs/job.py",
        'spec |= {"suspend": True, "ttlSecondsAfterFinished": LOG_SECONDS}',
        'spec |= {"ttlSecondsAfterFinished": LOG_SECONDS}',
        Tier.UNIT,
        killer="jobs/test_hooks.py",
    ),
    Mutant(
        "a run of hooks that is gone is made again",
        RULE,
        f"{FLOW}/further_runs.py",
        '    if known.uid:\n        why = f"MigrationRun',
        '    if not known.run:\n        why = f"MigrationRun',
        Tier.UNIT,
        killer=STORY,
    ),
    Mutant(
        "a hook begins before its flow knows the run",
        RULE,
        f"{RUN}/hooks.py",
        "if facts.flow is not ABSENT and not facts.flow.knows_run:",
        "if facts.flow is not ABSENT and not facts.name:",
        Tier.UNIT,
        killer=STORY,
    ),
    Mutant(
        "a hook of which nothing is known may be allowed to fail",
        RULE,
        f"{RUN}/hook_ends.py",
        "    return fail_run(with_step_outcome(facts, step, StepOutcome.FAILED), unknown)",
        "    return _failed(facts, hook, step, unknown)",
        Tier.UNIT,
        killer=STORY,
    ),
)

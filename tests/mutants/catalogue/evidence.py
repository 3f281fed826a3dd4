"""Mutants of what ends a step: every container of its one pod, and no condition of its Job."""

from tests.mutants.mutant import RUN, Mutant, Tier

RULE = "6 the containers' end"
PARSE, GATES, MIGRATED = (
    f"{folder}.py" for folder in ("controllers/test_parse_jobs", "core/test_run_gates", "core/test_migrated_gate")
)


def _unit(name: str, path: str, before: str, after: str, killer: str) -> Mutant:
    return Mutant(name, RULE, path, before, after, Tier.UNIT, killer)


MUTANTS = (
    # what the kubelet says
    _unit(
        "a container that never had an ID counts as ended",
        "controllers/parse_jobs.py",
        'ended=bool(get_str(terminated, "containerID")) and isinstance(code, int),',
        "ended=isinstance(code, int),",
        PARSE,
    ),
    _unit(
        "what a container was before it was started again is its end",
        "controllers/parse_jobs.py",
        'ended=bool(get_str(terminated, "containerID"))',
        'ended=bool(get_str(ended, "containerID"))',
        PARSE,
    ),
    _unit(
        "an end is final in a pod that restarts its containers",
        "controllers/parse_jobs.py",
        "ended=container.ended and is_final",
        "ended=container.ended",
        PARSE,
    ),
    _unit(
        "a pod that was evicted is undisturbed",
        "controllers/parse_jobs.py",
        'disrupted=is_condition_true(raw, "DisruptionTarget") or bool(get_str(raw, "status", "reason")),',
        "disrupted=False,",
        PARSE,
    ),
    _unit(
        "the cache forgets which containers restart",
        "cache/strip.py",
        'kept = ("name", "image", "restartPolicy", "restartPolicyRules")',
        'kept = ("name", "image")',
        PARSE,
    ),
    # when a step has ended
    _unit(
        "one container's end is the end of its pod",
        "core/facts.py",
        "all_ended = bool(own) and all(c.ended for c in own)",
        "all_ended = any(c.ended for c in own)",
        PARSE,
    ),
    _unit(
        "a Job that says Complete ends a step whose containers run",
        f"{RUN}/evidence.py",
        "        return containers_have_ended(pods)\n",
        "        return job.complete or containers_have_ended(pods)\n",
        MIGRATED,
    ),
    _unit(
        "a Job that says Failed ends a step whose containers run",
        f"{RUN}/evidence.py",
        "        return containers_have_ended(pods)\n",
        "        return job.failed or containers_have_ended(pods)\n",
        MIGRATED,
    ),
    _unit(
        "a step waits for the condition of its Job",
        f"{RUN}/evidence.py",
        "        return containers_have_ended(pods)\n",
        "        return (job.complete or job.failed) and containers_have_ended(pods)\n",
        GATES,
    ),
    _unit(
        "a Job that was deleted after its containers ended well leaves an unknown database",
        f"{RUN}/migration.py",
        "(job.deleting and not _containers_have_ended(facts, job))",
        "job.deleting",
        MIGRATED,
    ),
    # what is believed
    _unit(
        "Complete proves a migration whose pod is gone",
        f"{RUN}/outcome.py",
        "    if job.complete:\n",
        "    if job.complete:\n"
        "        return GateResult(Opened(Reason.MIGRATED), with_step_outcome(facts, step, StepOutcome.SUCCEEDED))\n"
        "    if job.complete:\n",
        "core/test_scenario_interference.py",
    ),
    _unit(
        "the first of two pods of a migration is believed",
        f"{RUN}/outcome.py",
        "    if len(pods) > 1:\n",
        "    pods = pods[:1]\n    if False:\n",
        MIGRATED,
    ),
    _unit(
        "the first of two pods of a check is believed",
        f"{RUN}/attempt.py",
        "pods[0] if len(pods) == 1 else ABSENT",
        "pods[0] if pods else ABSENT",
        GATES,
    ),
    _unit(
        "an exit code of a container that did not run to its end is believed",
        f"{RUN}/outcome.py",
        "    if not container.ended_well:\n",
        "    if False:\n",
        "core/test_scenario_interference.py",
    ),
    _unit(
        "the database need not be asked after a migration",
        f"{RUN}/outcome.py",
        "    if client_of(facts.spec) is ABSENT:\n        return _believe_pod",
        "    if True:\n        return _believe_pod",
        "core/test_scenario_interference.py",
    ),
    _unit(
        "a database that cannot be asked is asked after a migration",
        f"{RUN}/outcome.py",
        "    if client_of(facts.spec) is ABSENT:\n        return _believe_pod",
        "    if False:\n        return _believe_pod",
        "core/test_scenario_without_client.py",
    ),
    _unit(
        "a pod that was stopped proves a migration",
        f"{RUN}/outcome.py",
        'if pod.may_be_cut_short else ""',
        'if False else ""',
        "core/test_scenario_without_client.py",
    ),
    _unit(
        "the answer of a check that was stopped counts",
        f"{RUN}/check.py",
        " or pod.asked_to_stop:",
        ":",
        GATES,
    ),
    _unit(
        "nothing is pending in a pod that failed",
        f"{RUN}/check.py",
        " and not pod.may_be_cut_short else None",
        " else None",
        GATES,
    ),
    _unit(
        "any image may say that nothing is pending",
        f"{RUN}/check.py",
        "container.image == _checking_image(facts) and",
        "True and",
        GATES,
    ),
    _unit(
        "a backup counts although a container of it failed",
        f"{RUN}/backup_reports.py",
        "return bool(ours) and all(container.ended_well for container in ours)",
        "return bool(ours)",
        GATES,
    ),
    # the clean-up waits
    _unit(
        "the lock is released when the containers have ended",
        f"{RUN}/cleanup.py",
        "return unfinished or any(pod.alive for pod in facts.pods if pod.step in steps)",
        "return unfinished and any(not pod.over for pod in facts.pods)",
        "core/test_clean_up.py",
    ),
    _unit(
        "a Job whose containers have ended is deleted as one that is not needed",
        f"{RUN}/cleanup.py",
        "return job.complete or job.failed or containers_have_ended(pods_of_job(facts, name, job))",
        "return job.complete or job.failed",
        "core/test_clean_up.py",
    ),
)

"""The rules of the protocol, each removed or inverted on purpose: a proof that does not notice proves nothing."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """What must notice a mutant."""

    EXPLORER = "explorer"
    """tests/protocol/explorer: every state of a small world."""
    STORIES = "unit"
    """tests/unit: stories and tables of the core, the Jobs and the shell."""


@dataclass(frozen=True)
class Mutant:
    """One rule, broken by replacing a piece of the source."""

    name: str
    rule: str
    """Rule of the protocol that it breaks, or what it is about."""
    path: str
    """File in operator/releaseflow."""
    before: str
    """Text that stands there exactly once."""
    after: str
    tier: Tier = Tier.EXPLORER


RUN, FLOW = "core/run", "core/flow"

MUTANTS = (
    # 1: live reads guard what cannot be taken back
    Mutant(
        "the lock is let go of by the view",
        "1 live reads",
        f"{RUN}/decide.py",
        "live=isinstance(action, ReleaseLock | DeleteJob)",
        "live=isinstance(action, DeleteJob)",
    ),
    Mutant(
        "a Job is deleted by the view",
        "1 live reads",
        f"{RUN}/decide.py",
        "live=isinstance(action, ReleaseLock | DeleteJob)",
        "live=isinstance(action, ReleaseLock)",
    ),
    Mutant(
        "failures are recorded by the view",
        "1 live reads",
        f"{RUN}/decide.py",
        "live=isinstance(verdict, Stopped)",
        "live=False",
    ),
    Mutant(
        "a lock is taken over by the view",
        "1 live reads",
        f"{RUN}/decide.py",
        "(isinstance(action, TakeLock) and action.takes_over)",
        "False",
    ),
    # 2: intent before effect
    Mutant(
        "the image is set before the run's outcome is known",
        "2 intent before effect",
        f"{FLOW}/gates.py",
        "GATES = (TARGETS_FOUND, RUN_SUCCEEDED, APPROVED, PROMOTED, ROLLED_OUT)",
        "GATES = (TARGETS_FOUND, PROMOTED, RUN_SUCCEEDED, APPROVED, ROLLED_OUT)",
    ),
    Mutant(
        "a lost status starts over",
        "2 intent before effect",
        f"{FLOW}/decide.py",
        "if highest_fence(seen) > 0 or seen.runs:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a sequence is used again",
        "2 intent before effect",
        f"{FLOW}/rest.py",
        "return max(seen.status.sequence, recorded, highest_fence(seen), runs) + 1",
        "return max(seen.status.sequence, recorded, highest_fence(seen), runs)",
    ),
    # 3: names and adoption
    Mutant(
        "any Job of the name is ours",
        "3 deterministic names",
        f"{RUN}/attempt.py",
        "return (job.run_uid, job.attempt, job.template_hash) == (seen.uid, step.attempt, step.template_hash)",
        "return True",
        Tier.STORIES,
    ),
    Mutant(
        "any run of the name is ours",
        "3 deterministic names",
        f"{FLOW}/run.py",
        "if (run.flow_uid, run.sequence, run.image) != (seen.uid, release.sequence, release.image):",
        "if False:",
        Tier.STORIES,
    ),
    # 4: two-phase start
    Mutant(
        "the migration is started before its UID is recorded",
        "4 two-phase start",
        f"{RUN}/migration.py",
        "    if not step.job_uid:\n        return _identified(seen, step)\n"
        "    if job is ABSENT or job.uid != step.job_uid or job.deleting:",
        "    if job is ABSENT:\n        return _identified(seen, step)\n    if job.deleting:",
    ),
    Mutant(
        "the migration's Job is created running",
        "4 two-phase start",
        "jobs/build.py",
        'spec["suspend"] = True',
        'spec["suspend"] = False',
        Tier.STORIES,
    ),
    # 5: a missing Job is an unknown outcome
    Mutant(
        "a missing migration Job is created again",
        "5 missing is unknown",
        f"{RUN}/migration.py",
        '        return outcome_unknown(seen, step, "its Job was deleted or replaced while it was under way")',
        "        return created(seen, step, Reason.MIGRATING)",
    ),
    Mutant(
        "a replaced migration Job is taken for the recorded one",
        "5 missing is unknown",
        f"{RUN}/migration.py",
        "if job is ABSENT or job.uid != step.job_uid or job.deleting:",
        "if job is ABSENT or job.deleting:",
        Tier.STORIES,
    ),
    Mutant(
        "a migration Job on its way out is waited for",
        "5 missing is unknown",
        f"{RUN}/migration.py",
        "if job is ABSENT or job.uid != step.job_uid or job.deleting:",
        "if job is ABSENT or job.uid != step.job_uid:",
    ),
    Mutant(
        "a migration that somebody suspended is started again",
        "5 missing is unknown",
        f"{RUN}/migration.py",
        "    if never_started(job):\n        return _to_be_started(seen, step, job)",
        "    if job.suspended:\n        return _to_be_started(seen, step, job)",
    ),
    Mutant(
        "a pod without its Job does not count",
        "5 missing is unknown",
        f"{RUN}/migration.py",
        "    if job is ABSENT and seen.pods_of(STEP):\n",
        "    if False:\n",
        Tier.STORIES,
    ),
    # 6: two proofs
    Mutant(
        "Complete is enough for a migration",
        "6 two proofs",
        f"{RUN}/outcome.py",
        "    if pod is ABSENT or len(pods) > 1:\n"
        '        return _unproven(seen, step, pods, "the Job says Complete, but not exactly one pod of it succeeded")',
        "    if pod is ABSENT:\n        return Turn(Opened(Reason.MIGRATED), ended(seen, step, StepOutcome.SUCCEEDED))",
    ),
    Mutant(
        "Failed is taken for success",
        "6 two proofs",
        f"{RUN}/migration.py",
        "return verified(seen, step, job) if job.complete else migration_failed(seen, step, job)",
        "return verified(seen, step, job)",
        Tier.STORIES,
    ),
    Mutant(
        "Complete is enough for a look",
        "6 two proofs",
        f"{RUN}/look.py",
        "return 0 if proven and code == 0 else None",
        "return 0",
    ),
    Mutant(
        "a look that failed has nothing pending",
        "6 two proofs",
        f"{RUN}/look.py",
        "    if code == 0:\n        return Turn(Finished(",
        "    if code != 0:\n        return Turn(Finished(",
    ),
    Mutant(
        "a migration without effect is a success",
        "6 two proofs",
        f"{RUN}/outcome.py",
        "if schema == seen.status.schema_before and _was_pending(seen):",
        "if False:",
    ),
    Mutant(
        "another database is as good",
        "6 two proofs",
        f"{RUN}/outcome.py",
        "if after.identity != seen.status.database_identity:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "another image may have migrated",
        "6 two proofs",
        f"{RUN}/outcome.py",
        "if container.image != seen.spec.image:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a backup counts without a proof",
        "6 two proofs",
        f"{RUN}/backup.py",
        "    if over.pod is ABSENT or not over.job.complete:\n        return Unreadable(), Unreadable()\n",
        "    if over.pod is ABSENT:\n        return Unreadable(), Unreadable()\n",
        Tier.STORIES,
    ),
    Mutant(
        "what was read back may differ from what was written",
        "6 two proofs",
        f"{RUN}/backup.py",
        "return (proof.sha256, proof.size_bytes) == (dump.sha256, dump.size_bytes)",
        "return True",
        Tier.STORIES,
    ),
    Mutant(
        "the migration does not wait for the backup",
        "6 two proofs",
        f"{RUN}/decide.py",
        "GATES = (LOCKED, CHECKED, BACKED_UP, VERIFIED, MIGRATED)",
        "GATES = (LOCKED, CHECKED, MIGRATED)",
    ),
    # 7: no silent retry
    Mutant(
        "a failed migration leaves a clean database",
        "7 no silent retry",
        f"{RUN}/finish.py",
        "return DatabaseState.UNKNOWN if _may_have_migrated(seen) else DatabaseState.CLEAN",
        "return DatabaseState.CLEAN",
    ),
    Mutant(
        "an unknown database may be used",
        "7 no silent retry",
        f"{RUN}/lock.py",
        "if lock.database is not DatabaseState.CLEAN and not seen.spec.accept_unknown_database:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a new image starts after a failed migration",
        "7 no silent retry",
        f"{FLOW}/rest.py",
        "return migrating or failure.reason in DATABASE_IS_UNKNOWN",
        "return False",
        Tier.STORIES,
    ),
    # 8: never kill
    Mutant(
        "a started migration is superseded",
        "8 never kill",
        f"{RUN}/decide.py",
        "if has_started(seen):",
        "if False:",
    ),
    Mutant(
        "a started migration's Job is not needed",
        "8 never kill",
        f"{RUN}/finish.py",
        "if name is not StepName.MIGRATE or (never_started(job) and not seen.pods_of(name)):",
        "if True:",
    ),
    Mutant(
        "a migration that began when it was given up counts as not started",
        "8 never kill",
        f"{RUN}/outcome.py",
        "    if vanished or _may_have_begun(pods):\n",
        "    if False:\n",
    ),
    Mutant(
        "a given-up migration is not waited for",
        "8 never kill",
        f"{RUN}/migration.py",
        '    if any(pod.alive for pod in pods):\n        return Turn(Waiting(Reason.STOPPING, "Waiting for',
        '    if False:\n        return Turn(Waiting(Reason.STOPPING, "Waiting for',
    ),
    # 9: fence
    Mutant(
        "targets are not fenced",
        "9 fence",
        f"{FLOW}/targets.py",
        "if isinstance(here, TargetSeen) and (here.fence != fence or not here.managed):",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a newer fence does not stop an older release",
        "9 fence",
        f"{FLOW}/decide.py",
        "if highest_fence(seen) > release.sequence:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a target that was made again is the same",
        "9 fence",
        f"{FLOW}/targets.py",
        "    if known.uid != here.uid:\n        return failed(",
        "    if False:\n        return failed(",
        Tier.STORIES,
    ),
    Mutant(
        "another flow's target may be moved",
        "9 fence",
        f"{FLOW}/targets.py",
        "return isinstance(here.fence, Fence) and here.fence.flow_uid != seen.uid and here.fence_owner_exists",
        "return False",
        Tier.STORIES,
    ),
    Mutant(
        "an image that somebody else set is overwritten",
        "9 fence",
        f"{FLOW}/rollout.py",
        "if live not in {known.image, release.image}:",
        "if False:",
        Tier.STORIES,
    ),
    Mutant(
        "a superseded release is promoted",
        "9 fence",
        f"{FLOW}/rollout.py",
        "    if seen.spec.image != release.image:\n        return Turn(Over(Outcome.SUPERSEDED",
        "    if False:\n        return Turn(Over(Outcome.SUPERSEDED",
        Tier.STORIES,
    ),
    Mutant(
        "conditions of an earlier rollout are believed",
        "9 fence",
        "shell/translate_targets.py",
        "return Rollout.UNOBSERVED",
        "return Rollout.COMPLETE",
        Tier.STORIES,
    ),
    # 10: record, then release
    Mutant(
        "pods are let go of before the outcome is recorded",
        "10 record, then release",
        f"{RUN}/decide.py",
        "    if seen.status.outcome is not None:\n",
        "    if seen.status.outcome is not None or seen.deleting:\n",
    ),
    Mutant(
        "the run goes before its flow knows",
        "10 record, then release",
        f"{RUN}/finish.py",
        "if seen.held and not awaited:",
        "if seen.held:",
    ),
    Mutant(
        "clean-up does not wait for pods",
        "10 record, then release",
        f"{RUN}/finish.py",
        "return unfinished or any(pod.alive for pod in seen.pods)",
        "return unfinished",
    ),
    Mutant(
        "clean-up does not wait for Jobs",
        "10 record, then release",
        f"{RUN}/finish.py",
        "return unfinished or any(pod.alive for pod in seen.pods)",
        "return any(pod.alive for pod in seen.pods)",
    ),
    Mutant(
        "an orphaned Job goes before its pod",
        "10 record, then release",
        f"{RUN}/orphans.py",
        "    if any(pod.alive or pod.held for pod in pods):\n        return Fate.WAIT\n",
        "",
    ),
    Mutant(
        "the run is not held",
        "10 record, then release",
        f"{RUN}/decide.py",
        "        return Decision(seen.status, ABSENT if seen.deleting else HoldRun(), before_status=True)\n",
        "        pass\n",
        Tier.STORIES,
    ),
    # 11: one run per database
    Mutant(
        "nobody waits for the lock",
        "11 one run per database",
        f"{RUN}/decide.py",
        "GATES = (LOCKED, CHECKED, BACKED_UP, VERIFIED, MIGRATED)",
        "GATES = (CHECKED, BACKED_UP, VERIFIED, MIGRATED)",
    ),
    Mutant(
        "a lock is taken over from a run that exists",
        "11 one run per database",
        f"{RUN}/lock.py",
        "if lock.holder_exists or lock.holder_pod_alive:",
        "if lock.holder_pod_alive:",
        Tier.STORIES,
    ),
    Mutant(
        "a lock is taken over while a pod is alive",
        "11 one run per database",
        f"{RUN}/lock.py",
        "if lock.holder_exists or lock.holder_pod_alive:",
        "if lock.holder_exists:",
    ),
    Mutant(
        "a run that was here before may work again",
        "11 one run per database",
        f"{RUN}/lock.py",
        "    if _was_here_before(seen, lock):\n",
        "    if False:\n",
    ),
    Mutant(
        "waiters do not go in order",
        "11 one run per database",
        f"{RUN}/lock.py",
        "    if before:\n",
        "    if False:\n",
        Tier.STORIES,
    ),
    Mutant(
        "an empty database may follow one that had tables",
        "11 one run per database",
        f"{RUN}/backup.py",
        "if isinstance(lock, LockSeen) and lock.had_tables and dump.tables == 0:",
        "if False:",
        Tier.STORIES,
    ),
)

"""Mutants of the process: what only the real one, broken on a real API server, can show."""

from tests.protocol.mutants.mutant import Mutant, Tier

MUTANTS = (
    Mutant(
        "an error in a watch ends the operator",
        "what goes wrong is survived",
        "handlers/watches.py",
        "session = connection.session(MendedWatches(lost))",
        "session = connection.session()",
        Tier.FAULTS,
        killer='{"scenario": "rollout-fails", "faults": [{"what": "error-event", "at": "observation", "number": 9}]}',
    ),
    Mutant(
        "a write without an answer is taken for done",
        "what goes wrong is survived",
        "handlers/workers.py",
        "self.queue.back_off(key, error.retry_after)",
        "self.queue.rest(key, None)",
        Tier.FAULTS,
        killer='{"scenario": "migration-fails", "faults": [{"what": "lost", "at": "write", "number": 4}]}',
    ),
    Mutant(
        "the Lease is taken from a leader that renews it",
        "only the leader writes",
        "handlers/elector.py",
        'if _holder(raw) in {"", self.identity} or self._has_run_out():',
        "if True:",
        Tier.FAULTS,
        killer='{"scenario": "backup-fails", "faults": [{"what": "frozen", "at": "wait", "number": 5, "amount": 17}]}',
    ),
)

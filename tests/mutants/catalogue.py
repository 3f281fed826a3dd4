"""The rules of the protocol, each removed or inverted on purpose: a proof that does not notice proves nothing."""

from tests.mutants import of_keeping, of_knowing, of_locks, of_outcomes, of_process, of_shell, of_starting

MUTANTS = (
    *of_starting.MUTANTS,
    *of_outcomes.MUTANTS,
    *of_keeping.MUTANTS,
    *of_locks.MUTANTS,
    *of_shell.MUTANTS,
    *of_knowing.MUTANTS,
    *of_process.MUTANTS,
)

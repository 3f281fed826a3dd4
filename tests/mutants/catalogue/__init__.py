"""The rules of the protocol, each removed or inverted on purpose: a proof that does not notice proves nothing."""

from tests.mutants.catalogue import (
    application,
    client,
    connection,
    down,
    evidence,
    executed,
    fencing,
    follow,
    hooks,
    left_behind,
    locks,
    outcomes,
    process,
    reads,
    start,
    steps,
)

MUTANTS = (
    *start.MUTANTS,
    *outcomes.MUTANTS,
    *evidence.MUTANTS,
    *left_behind.MUTANTS,
    *fencing.MUTANTS,
    *follow.MUTANTS,
    *locks.MUTANTS,
    *client.MUTANTS,
    *reads.MUTANTS,
    *process.MUTANTS,
    *application.MUTANTS,
    *connection.MUTANTS,
    *steps.MUTANTS,
    *executed.MUTANTS,
    *hooks.MUTANTS,
    *down.MUTANTS,
)

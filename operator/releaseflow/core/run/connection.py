"""What a run says where the application's container lacks the variable with the connection."""

from releaseflow.core.run.facts import RunObserved, WorkloadFacts
from releaseflow.core.run.variables import line_to_write, look_like_a_connection

_OTHERWISE = "Name the right ones in database.fromEnv, or write database: {urlSecretRef: {name: SECRET, key: KEY}}"


def missing_connection(facts: RunObserved, workload: WorkloadFacts) -> str:
    """Say which variables a container lacks, which it has instead, and what to write."""
    ref = facts.spec.workload_ref
    lacks = " and ".join(workload.missing)
    return f"{ref.kind} {ref.name}, container {workload.container}, has no variable {lacks}. {what_to_write(workload)}"


def what_to_write(workload: WorkloadFacts) -> str:
    """Say which variables of a container look like a connection, and what to write to use them."""
    found = look_like_a_connection(workload.variables)
    line = line_to_write(found)
    seen = f"What looks like a connection: {', '.join(found)}" if found else "None looks like a connection"
    if not line:
        return f"{seen}. {_OTHERWISE}"
    return f"{seen}. Write database: {line}"

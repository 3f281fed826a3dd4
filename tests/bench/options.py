"""What a person may choose on the command line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How much to measure."""

    rounds: int = 10
    """Rounds of the comparison, and starts of the operator."""
    samples: int = 60
    """Ends of Jobs after which the reaction is taken."""
    flows: int = 100
    """Flows at rest while the memory is measured."""
    idle_seconds: int = 60
    """How long nothing may be written."""
    pairs: int = 3
    """Backups of each way."""
    megabytes: int = 1024
    """Size of the database that is backed up, in MiB."""

"""How many examples property tests try: RELEASEFLOW_EXAMPLES multiplies them, as `make explore` does."""

import os


def examples(count: int) -> int:
    """Return how many examples to try where `make test` tries so many."""
    return count * int(os.environ.get("RELEASEFLOW_EXAMPLES", "1"))

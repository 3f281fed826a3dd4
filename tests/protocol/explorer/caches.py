"""What is remembered of decisions: it must be forgotten where what decides is exchanged."""

from tests.protocol.explorer import deciding, operators


def forget() -> None:
    """Decide everything anew."""
    for cached in (deciding.of_flow, deciding.of_run):
        cached.cache_clear()
    operators.forget()

"""A picture of the terminal as SVG, as the first page of the repository shows it."""

import re

from rich.console import Console

WIDTH = 116
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""A picture would load them from a server: those that the reader has will do."""


def filming() -> Console:
    """Return a console that remembers what it prints, with its colours."""
    return Console(highlight=False, width=WIDTH, record=True, force_terminal=True)


def svg_of(console: Console) -> str:
    """Return what a console has printed since it was last cleared."""
    return _FONTS.sub("", console.export_svg(title="make demo", unique_id="demo"))

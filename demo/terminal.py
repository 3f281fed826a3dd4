"""The terminal: a timeline that scrolls, and below it, where it is a terminal, a live table of the present state."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.live_table import panel
from demo.picture import write
from demo.recording import QUOTE
from demo.state import Line, ReleaseState, Tone

WHO = 9
PICTURE_SECONDS = 0.1
PLAIN_WIDTH = 130


class Terminal:
    """Where everything is said; times count from its making."""

    def __init__(self, scene: ReleaseState, picture: Path | None = None) -> None:
        width = None if sys.stdout.isatty() else PLAIN_WIDTH
        self.console = Console(highlight=False, width=width)
        self._picture = picture
        self._recording: list[str] = []
        self.started = time.monotonic()
        self._scene = scene
        self._live: Live | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        """Return the screen; what is live on it ends with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.still()

    def act(self, title: str) -> None:
        """Begin a part of the story."""
        line = f"{self._clock()}  ── {title}"
        self._recording += ["", line]
        self.console.print()
        self.console.print(Text(line, style="bold cyan"), soft_wrap=True)

    def command(self, line: str) -> None:
        """Show a command that the demo runs and that a person would type."""
        self.tell(Line("$", line))

    def tell(self, line: Line, at: float | None = None) -> None:
        """Say what happened, and when."""
        plain = f"{self._clock(at)}  {line.who:<{WHO}} {line.what}"
        self._recording.append(plain)
        if not self.console.is_terminal:
            self.console.print(Text(plain), soft_wrap=True)
            return
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True)
        row.add_column(no_wrap=True, width=WHO)
        row.add_column(overflow="fold")
        style = "bold" if line.who == "$" else line.tone.value
        row.add_row(Text(self._clock(at), style="dim"), Text(line.who, style="dim"), Text(line.what, style=style))
        self.console.print(row)

    def quote(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show what a program printed, line by line."""
        for line in text.rstrip().splitlines():
            self._recording.append(QUOTE + line)
            self.console.print(Text(QUOTE + line, style=tone.value), soft_wrap=True)

    def live(self) -> None:
        """Show the live table from now on, where this is a terminal."""
        if self.console.is_terminal and self._live is None:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()

    def refresh(self) -> None:
        """Bring the live table up to date, unless that was done a moment ago."""
        if self._live is not None and time.monotonic() > self._drawn + PICTURE_SECONDS:
            self._drawn = time.monotonic()
            self._live.update(panel(self._scene, self._clock()), refresh=True)

    def begin_picture(self) -> None:
        """Begin the part of the story that a picture shows."""
        self._recording.clear()

    def end_picture(self) -> None:
        """Write the picture, where one is asked for."""
        if self._picture is not None:
            write(self._picture, "\n".join(self._recording).strip() + "\n")

    def still(self) -> None:
        """Take the live table away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _clock(self, at: float | None = None) -> str:
        seconds = (at or time.monotonic()) - self.started
        return f"{int(seconds // 60):2d}:{seconds % 60:04.1f}"

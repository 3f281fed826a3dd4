"""What was measured, the goal that it is held against, and how both are printed."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measurement:
    """One measured number."""

    name: str
    value: float
    unit: str = ""
    goal: float | None = None
    """The most that it should be; None for a number that is only told."""
    places: int = 2
    note: str = ""
    disturbed: str = ""
    """Why it says nothing, where it does not: somebody else used what was measured."""

    @property
    def verdict(self) -> str:
        """Return what to make of it, in one word."""
        if self.disturbed:
            return "DISTURBED"
        if self.goal is None:
            return ""
        return "met" if round(self.value, self.places) <= self.goal else "MISSED"

    @property
    def row(self) -> tuple[str, ...]:
        """Return it as a row of the table."""
        goal = "" if self.goal is None else f"≤ {self.goal:g}{self.unit and ' '}{self.unit}"
        number = f"{self.value:.{self.places}f}{self.unit and ' '}{self.unit}"
        return self.name, number, goal, self.verdict, self.disturbed or self.note


@dataclass
class Report:
    """All figures of a run, and the tables beside them."""

    results: list[Measurement] = field(default_factory=list)

    def add(self, *results: Measurement) -> None:
        """Take figures, and print them at once: a run is long."""
        self.results += results
        print(table(("figure", "measured", "goal", "", ""), [figure.row for figure in results]), flush=True)

    def all_met(self) -> bool:
        """Whether no goal was missed, and nothing was disturbed."""
        return all(figure.verdict in {"", "met"} for figure in self.results)

    def summary(self) -> str:
        """Return the figures that have a goal."""
        held = [figure for figure in self.results if figure.goal is not None]
        return table(("figure", "measured", "goal", "", ""), [figure.row for figure in held])


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table in columns."""
    lines = [head, tuple("-" * len(word) for word in head), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(w.ljust(n) for w, n in zip(line, widths, strict=True)).rstrip() for line in lines) + "\n"

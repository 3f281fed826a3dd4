"""Write the table of mutants into docs/reference/mutants.md."""

from pathlib import Path

from tests.mutants.mutant import Tier
from tests.mutants.runner import ROOT, Verdict

PAGE = ROOT / "docs" / "reference" / "mutants.md"
BEGIN, END = "<!-- mutants:begin -->", "<!-- mutants:end -->"


def written(verdicts: list[Verdict], page: Path = PAGE) -> None:
    """Write the table between its marks."""
    killed = sum(verdict.killed for verdict in verdicts)
    tiers = (
        f"{sum(v.killed for v in of)} of {len(of)} by {tier.value}" for tier in Tier if (of := _of(tier, verdicts))
    )
    rows = "\n".join(_row(verdict) for verdict in verdicts)
    heading = "| Rule | Mutant | Tier | Killed by |\n| --- | --- | --- | --- |"
    between(BEGIN, END, f"{killed} of {len(verdicts)} killed: {', '.join(tiers)}.\n\n{heading}\n{rows}", page)


def between(begin: str, end: str, text: str, page: Path = PAGE) -> None:
    """Write some text between two marks of a page."""
    head, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, tail = rest.partition(end)
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def _of(tier: Tier, verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.mutant.tier is tier]


def _row(verdict: Verdict) -> str:
    mutant = verdict.mutant
    how = verdict.how if verdict.killed else "**survived**"
    return f"| {mutant.rule} | {mutant.name} | {mutant.tier.value} | {how.replace('|', '/')} |"

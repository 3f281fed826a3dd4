"""The mutants' table in docs/proof.md, written by running them."""

from pathlib import Path

from tests.protocol.mutants.killing import ROOT, Verdict

PAGE = ROOT / "docs" / "proof.md"
BEGIN, END = "<!-- mutants:begin -->", "<!-- mutants:end -->"


def written(verdicts: list[Verdict], page: Path = PAGE) -> None:
    """Write the table between its marks."""
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    killed = sum(verdict.killed for verdict in verdicts)
    rows = "\n".join(_row(verdict) for verdict in verdicts)
    heading = "| Rule | Mutant | Tier | Killed by |\n| --- | --- | --- | --- |"
    table = f"{killed} of {len(verdicts)} killed.\n\n{heading}\n{rows}"
    page.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", encoding="utf-8")


def _row(verdict: Verdict) -> str:
    mutant = verdict.mutant
    how = verdict.how if verdict.killed else "**survived**"
    return f"| {mutant.rule} | {mutant.name} | {mutant.tier.value} | {how.replace('|', '/')} |"

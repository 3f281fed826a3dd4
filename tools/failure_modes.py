"""The failure modes as data, docs/reference/failure-modes.yaml, and the page that is written from them."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "failure-modes.yaml"
GENERATED = "<!-- Generated from failure-modes.yaml by `make docs`. Edit that. -->"


class FailureMode(BaseModel):
    """One thing that can go wrong.

    Attributes:
        id: Its number, which never changes.
        cause: What happens.
        seen: What a user sees of it.
        do: What the user does about it.
        tests: The tests that show it, named as pytest names them.
        limit: What does not hold, and why; empty where all holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    cause: str
    seen: str
    do: str
    tests: tuple[str, ...] = ()
    limit: str = ""


class Group(BaseModel):
    """The failure modes of one part of the system."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    title: str
    modes: tuple[FailureMode, ...]


def groups() -> tuple[Group, ...]:
    """Return the groups as the file has them."""
    return tuple(Group.model_validate(group) for group in yaml.safe_load(SOURCE.read_text(encoding="utf-8")))


def page() -> Iterator[str]:
    """Return the lines of the page."""
    modes = [mode for group in groups() for mode in group.modes]
    shown, limited = (
        sum(bool(kept) for kept in column) for column in zip(*((m.tests, m.limit) for m in modes), strict=True)
    )
    yield from (GENERATED, "", "# Failure modes", "")
    yield "What can go wrong around a release, what you see of it, and what to do."
    yield f"Of these {len(modes)} modes, {shown} are shown by a test."
    yield f"{limited} have a limit: something that does not hold, and why."
    yield "In all of them the operator promotes a new image only after a migration that is known to have succeeded,"
    yield "where the row does not say otherwise."
    yield ""
    yield "*You see* names the reason of the condition `Ready`, and in italics what appears elsewhere."
    yield "*Do* names the next command, or the page that has it."
    yield "The tests that show a mode are listed below each table, as pytest names them."
    for group in groups():
        yield from _section(group)


def _section(group: Group) -> Iterator[str]:
    yield from ("", f"## {group.group}. {group.title}", "")
    yield from ("| No. | What happens | You see | Do | Limit |", "| --- | --- | --- | --- | --- |")
    yield from (f"| {m.id} | {m.cause} | {m.seen} | {m.do} | {m.limit} |" for m in group.modes)
    yield from ("", "Shown by:", "")
    yield from (f"- {mode.id}: {', '.join(f'`{test}`' for test in mode.tests)}" for mode in group.modes if mode.tests)

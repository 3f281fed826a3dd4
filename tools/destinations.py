"""The page docs/reference/destinations.md, from the places for backups that the operator knows."""

from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from releaseflow.destinations.registry import DESTINATIONS

GENERATED = (
    "<!-- Generated from operator/releaseflow/destinations/ by `make docs`. Do not edit it: edit the source. -->"
)


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (GENERATED, "", "# Places for backups", "")
    yield "The places that `spec.backup` may name: exactly one of them, unless it is `none`. A backup is"
    yield "`FLOW/RUN-ATTEMPT.dump` there; beside it is its manifest (`.json`), with the command that restores it."
    yield from ("", "| Member | A backup is | `status.backup.location` |", "| --- | --- | --- |")
    for name, kind in DESTINATIONS.items():
        yield f"| `{to_camel(name)}` | {kind.means} | {kind.location_format} |"
    yield ""
    for name, kind in DESTINATIONS.items():
        yield from (f"## {to_camel(name)}", "", f"Write {kind.example}.")
        yield from (f"`status.backup.method` is then `{kind.method}`. {kind.notes}", "")

"""Make the notes of a version from changelog.d/: `python -m tools.changelog` prints them, `--move` makes them history.

With --move they are written into CHANGELOG.md under the version, and the fragments are deleted.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("changed", "removed", "security", "added", "fixed")
"""In this order, since a reader who upgrades looks first for what they have to do."""
NOTHING_YET = "No version has been released yet.\n"
_NAME = re.compile(r"(\d+)-[a-z0-9-]+\.([a-z]+)\.md")
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def main(words: list[str], root: Path = ROOT) -> int:
    """Print or move the notes; returns the exit code."""
    fragments = sorted((root / "changelog.d").glob("*.md"))
    if words not in ([], ["--move"]) or not fragments:
        print("usage: python -m tools.changelog [--move], with fragments in changelog.d/", file=sys.stderr)  # noqa: T201
        return 2
    text = notes(version(root), fragments)
    if not words:
        sys.stdout.write(text)
        return 0
    history = root / "CHANGELOG.md"
    history.write_text(with_notes(history.read_text(encoding="utf-8"), text), encoding="utf-8")
    for fragment in fragments:
        fragment.unlink()
    return 0


def version(root: Path) -> str:
    """Return the version as the code has it."""
    source = root / "operator" / "releaseflow" / "version.py"
    return str(_VERSION.findall(source.read_text(encoding="utf-8"))[0])


def notes(of_version: str, fragments: list[Path]) -> str:
    """Return the notes: a section for each kind that has any, in the order of the fragments' numbers."""
    parts = [f"## {of_version}\n"]
    for kind in KINDS:
        texts = [text_of(fragment) for fragment in fragments if kind_of(fragment) == kind]
        if texts:
            parts.append(f"### {kind.capitalize()}\n\n" + "\n".join(texts) + "\n")
    return "\n".join(parts)


def text_of(fragment: Path) -> str:
    """Return the text of a fragment, its links as they lead from the root of the repository."""
    return fragment.read_text(encoding="utf-8").strip().replace("](../", "](")


def kind_of(fragment: Path) -> str:
    """Return the kind of a fragment.

    Raises:
        ValueError: Its name does not say one that is known.
    """
    found = _NAME.fullmatch(fragment.name)
    if found is None or found[2] not in KINDS:
        raise ValueError(f"{fragment.name} is not NUMBER-WORDS.KIND.md, with one of {', '.join(KINDS)}")
    return found[2]


def with_notes(history: str, text: str) -> str:
    """Return the history with notes above those of the version before."""
    head, mark, rest = history.replace(NOTHING_YET, "").partition("\n## ")
    return f"{head.rstrip()}\n\n{text}" + (mark + rest if mark else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The command lines that people are asked to type: in the documents, and in what the operator says."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    + [page for folder in ("docs", "examples", "charts") for page in (ROOT / folder).rglob("*.md")]
)
SENTENCES = ROOT / "tests" / "unit" / "core" / "messages.golden"
PROGRAMS = ("kubectl", "helm", "make")

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(rf"`((?:{'|'.join(PROGRAMS)}) [^`]*)`")
_SHELLS = ("sh", "bash", "console")
_PLACEHOLDERS = re.compile(r"\b(RUN|POD|JOB|NODE|NAME|NAMESPACE|IMAGE-BEFORE|DIGEST)\b")
_VALUES = {"DIGEST": "0123456789abcdef" * 4, "NAMESPACE": "default"}
_SAID = re.compile(r"kubectl (?:'[^'\n]*'|.)*?(?=\.(?:\s|$|\")|;\s|\\n|\"[,}]|$)", re.MULTILINE)
_COUNTED = re.compile(rf"(?:^|[\s;&|($\"'{{])(?:{'|'.join(PROGRAMS)}) ")
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """What is typed into a shell at once.

    Attributes:
        page: Where it stands.
        text: The lines, with a value in the place of each placeholder.
        inline: It stands within a sentence, which may only name a command.
    """

    page: str
    text: str
    inline: bool

    @property
    def commands(self) -> int:
        """How many commands of the programs stand in it."""
        return len(_COUNTED.findall(_COMMENT.sub("", self.text)))


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """Return every block for a shell, and every command within a sentence."""
    text = page.read_text(encoding="utf-8")
    name = str(page.relative_to(ROOT))
    fenced = [Block(name, _filled(found["text"]), inline=False) for found in _fences(text)]
    within = dict.fromkeys(_INLINE.findall(_FENCE.sub("", text)))
    return (*fenced, *(Block(name, _filled(" ".join(command.split())), inline=True) for command in within))


def languages() -> set[str]:
    """Return what the blocks of all pages are said to be."""
    texts = (page.read_text(encoding="utf-8") for page in PAGES)
    return {found["language"] for text in texts for found in _FENCE.finditer(text)}


@cache
def said() -> tuple[Block, ...]:
    """Return every command in a message of the operator, once; tests/unit/jobs runs the restore command."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if "kubectl create -n" not in line)
    text = text.replace("#", "1").replace('\\"', '"')
    found = {_filled(command.strip().rstrip(".,)")) for command in _SAID.findall(text)}
    return tuple(Block("messages", command, inline=True) for command in sorted(found))


def manifest(page: str, kind: str) -> str:
    """Return the first manifest of a kind that a page shows."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return next(f["text"] for f in _FENCE.finditer(text) if f["language"] == "yaml" and f"kind: {kind}\n" in f["text"])


def _fences(text: str) -> list[re.Match[str]]:
    return [found for found in _FENCE.finditer(text) if found["language"] in _SHELLS]


def _filled(text: str) -> str:
    return _PLACEHOLDERS.sub(lambda found: _VALUES.get(found[0], found[0].lower()), text)

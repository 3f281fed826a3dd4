"""Commands in the documents and messages: real programs and a real API server take every word of them."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.controlplane.control_plane import ControlPlane
from tests.repository.commands.pages import PAGES, ROOT, Block, blocks, languages, said
from tests.repository.commands.reader import NOT_HERE, Call, Reader

KNOWN_LANGUAGES = {
    "sh",
    "bash",
    "yaml",
    "text",
    "json",
    "python",
    "mermaid",
    "jsonc",
    "dockerfile",
    "sql",
    "groovy",
    "ruby",
    "",
}
"""Blocks of `sh` and `bash` are typed; the others are no commands."""

DEPENDS_ON_THE_CLUSTER = re.compile(
    r"\(NotFound\)|release: not found|is not paused|timed out|condition not met|no deployed releases|already exists"
    r"|exists and cannot be imported"
)
"""Answers to a command that is right, in a cluster where what it names is not there, or is there already."""

NAMED_ONLY = re.compile(r"((?:kubectl|helm) [a-z-]+(?: image| status)?)((?: --?[a-z-]+(?:=\S+)?)*)")
"""A command within a sentence that names no object: it has a help, which tells of all its flags."""

PARTS = {
    "kubectl patch releaseflow shop": "the sentence is about the word `releaseflow`",
}
"""Commands within sentences that are only the beginning of one, and why."""


@pytest.fixture(scope="session")
def reader(integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with asyncio.Runner() as runner:
        plane = ControlPlane()
        runner.run(plane.__aenter__())
        try:
            reader = Reader(tmp_path_factory.mktemp("reader"), plane.layout.kubeconfig)
            reader.set_up()
            yield reader
        finally:
            runner.run(plane.__aexit__(None, None, None))


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


def wrong(reader: Reader, block: Block) -> list[str]:
    named = NAMED_ONLY.fullmatch(block.text) if block.inline else None
    if block.text in PARTS:
        return []
    if named is not None:
        told = reader.help(named[1])
        return [f"{named[1]} has no {flag}" for flag in named[2].split() if flag.partition("=")[0] not in told]
    calls, shell = reader.types(block)
    found = [f"{' '.join(call.words)}: {call.complaint}" for call in calls if is_wrong(call)]
    found += [
        line
        for line in shell.splitlines()
        if ("command not found" in line or "No such file" in line) and NOT_HERE not in line
    ]
    if len(calls) < block.commands:
        found.append(f"only {len(calls)} of {block.commands} tried: {block.text}")
    return found


def is_wrong(call: Call) -> bool:
    return bool(call.complaint) and not DEPENDS_ON_THE_CLUSTER.search(call.complaint)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=short)
def test_every_command_of_a_page_is_taken(reader: Reader, page: Path) -> None:
    assert [fault for block in blocks(page) for fault in wrong(reader, block)] == []


@pytest.mark.timeout(600)
def test_every_command_of_a_message_is_taken(reader: Reader) -> None:
    assert [fault for block in said() for fault in wrong(reader, block)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=short)
def test_every_block_is_a_shell_s(page: Path) -> None:
    for block in blocks(page):
        done = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, check=False)
        assert not done.stderr, block.text


def test_no_block_is_left_out_for_its_language() -> None:
    assert languages() <= KNOWN_LANGUAGES

"""A command in a message works where it is pasted: it names its namespace."""

import re

from tests.unit.core.sentences import PAGE

_COMMAND = re.compile(
    r"kubectl (?!taint |describe nodes|get mutatingwebhook)[^;`\n]*?(?=; kubectl|; |\. |$)", re.MULTILINE
)
_NAMESPACE = re.compile(r" (-n \S|-A\b)")


def test_every_command_on_an_object_of_a_namespace_names_it() -> None:
    said = PAGE.read_text(encoding="utf-8")

    assert {command for command in _COMMAND.findall(said) if not _NAMESPACE.search(command)} == set()

"""Which of an application's variables look like the connection to its database, by their names alone."""

import re
from collections.abc import Iterable, Sequence

MOST, LONGEST = 8, 48
"""How many names are shown, and how long they may be: longer ones do not fit into a message with others."""
_DATABASE = re.compile(
    r"(?i)(^|[-_.])(db|database|datasource|pg[a-z]*|postgres[a-z]*|(my|maria)?sql[a-z]*|mysql[a-z]*|mariadb|jdbc)"
    r"([-_.]|$)"
)
"""Words that speak of a database."""
_URL = re.compile(r"(?i)(^|[-_.]|database|db|pg)(url|uri|dsn)$")
_HOST = re.compile(r"(?i)^(?P<before>.*?)(host|hostname|server|address)$")
_PARTS = {
    "port": ("port",),
    "username": ("username", "user", "login", "role"),
    "password": ("password", "passwd", "pass", "pwd"),
    "database": ("database", "dbname", "name", "db"),
}
"""How what follows the same beginning as a host's name is called, the likeliest first."""


def look_like_a_connection(variables: Iterable[str]) -> tuple[str, ...]:
    """Return the names that look like a connection, or a part of one; those of databases first."""
    shown = [name for name in variables if len(name) <= LONGEST and (_DATABASE.search(name) or _URL.search(name))]
    return tuple(sorted(shown, key=lambda name: not _DATABASE.search(name))[:MOST])


def line_to_write(found: Sequence[str]) -> str:
    """Return the value of spec.database that uses the likeliest of some variables; empty where none will do."""
    urls = [name for name in found if _URL.search(name)]
    likely = next((name for name in urls if _DATABASE.search(name)), "")
    if likely:
        return f"{{fromEnv: {{url: {likely}}}}}"
    parts = _separate_parts(found)
    if parts:
        return f"{{fromEnv: {{{', '.join(f'{part}: {name}' for part, name in parts.items())}}}}}"
    return f"{{fromEnv: {{url: {urls[0]}}}}}" if urls else ""


def _separate_parts(found: Sequence[str]) -> dict[str, str]:
    """Return the variables of one connection, by what they hold; none where a host or a database's name is missing."""
    for name in found:
        host = _HOST.match(name)
        if host is None:
            continue
        named = {"host": name, **_that_begin_with(host["before"], found)}
        if "database" in named:
            return named
    return {}


def _that_begin_with(before: str, found: Sequence[str]) -> dict[str, str]:
    rest = {name[len(before) :].lower(): name for name in found if name.startswith(before)}
    chosen = {part: next((rest[word] for word in words if word in rest), "") for part, words in _PARTS.items()}
    return {part: name for part, name in chosen.items() if name}

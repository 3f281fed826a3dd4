"""The way to a PostgreSQL database: what applications write becomes parameters of libpq, which reads them itself."""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote

from releaseflow.engines.postgresql import libpq
from releaseflow.engines.program import Connection, ConnectionAbsentError, ConnectionUnreadableError

_PREFIX = "RELEASEFLOW_DATABASE_"
_SEPARATE = {"HOST": "host", "PORT": "port", "USERNAME": "user", "PASSWORD": "password", "DATABASE": "dbname"}
_NEEDED = {"URL": "the connection URL", "HOST": "the host", "DATABASE": "the database's name"}
_COPIED = "$(RELEASEFLOW_APP_"
"""What a reference to a variable of the application begins with: our own containers have it under another name."""
_REFERENCE = re.compile(r"\$\(RELEASEFLOW_APP_([^)]*)\)")
_OURS = frozenset(
    {"application_name", "fallback_application_name", "service", "passfile", "replication", "sslpassword"}
)
"""Parameters that the program sets itself, that name another file, or that are secret and have no variable of libpq."""
_OPTION = re.compile(r"[?&\s]+")
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:[0-9]*)?")
_UNREADABLE = (
    "the connection URL cannot be read: write / in a user or password as %2F, ? as %3F, : as %3A, @ as %40 and % as %25"
)


def connection(variables: Mapping[str, str], schemes: Sequence[str]) -> Connection:
    """Return the connection that variables name: one URL, or HOST and its companions.

    Raises:
        ConnectionAbsentError: They name none.
        ConnectionUnreadableError: They name one that cannot be read.
    """
    found = _of_variables(variables) if f"{_PREFIX}HOST" in variables else _of_url(_given(variables, "URL"), schemes)
    target = " ".join(f"{name}={_quoted(value)}" for name, value in found.items() if name != "password")
    env = {"PGCONNECT_TIMEOUT": "10"} | {name: variables[name] for name in variables if name.startswith("PG")}
    env |= {"PGPASSWORD": found["password"]} if found.get("password") else {}
    password = env.get("PGPASSWORD", "")
    return Connection(target, env, (password,) if password else ())


def _given(variables: Mapping[str, str], part: str) -> str:
    """Return a part of the connection; the kubelet leaves a reference to a variable that does not exist as it is."""
    value = variables.get(_PREFIX + part, "").strip("\r\n" if part == "PASSWORD" else None)
    absent = _REFERENCE.fullmatch(value)
    if absent:
        raise ConnectionAbsentError(f"the application has no variable {absent[1]}")
    if not value and part in _NEEDED:
        raise ConnectionAbsentError(f"the variable with {_NEEDED[part]} is empty")
    return value.replace(_COPIED, "$(")


def _of_url(url: str, schemes: Sequence[str]) -> Mapping[str, str]:
    begin = re.match(rf"(?:jdbc:)?(?:{'|'.join(schemes)})(?:\+[a-z0-9_]+)?://", url)
    if begin is None:
        raise ConnectionUnreadableError(f"the connection URL does not begin with {schemes[0]}:// or {schemes[1]}://")
    end = re.search(r"[/?]", url[begin.end() :])
    split = begin.end() + end.start() if end else len(url)
    account, at, hosts = url[begin.end() : split].rpartition("@")
    path, _mark, query = url[split:].partition("?")
    if "@" in path or re.search("@.*/", query) or not all(_HOST.fullmatch(host) for host in hosts.split(",")):
        raise ConnectionUnreadableError(_UNREADABLE)
    user, colon, password = account.partition(":")
    account = _encoded(user) + colon + _encoded(password) + at
    kept = "&".join(f"{name}={quote(value, safe='')}" for name, value in _pairs(query.split("&")))
    try:
        return libpq.parameters(f"postgresql://{account}{hosts}{path}?{kept}")
    except ValueError:
        raise ConnectionUnreadableError(_UNREADABLE) from None


def _of_variables(variables: Mapping[str, str]) -> Mapping[str, str]:
    options = dict(_pairs(_OPTION.split(_given(variables, "OPTIONS"))))
    given = {parameter: _given(variables, name) for name, parameter in _SEPARATE.items()}
    return options | {name: value for name, value in given.items() if value}


def _pairs(pairs: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield those parameters that libpq knows: applications write others beside them, for themselves."""
    known = libpq.known() - _OURS
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if pair == "ssl=true":
            yield "sslmode", "require"
        elif equals and name in known:
            yield name, unquote(value)


def _encoded(text: str) -> str:
    """Encode what an application's parser takes as it is and libpq does not."""
    return quote(text, safe="%")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"

"""PostgreSQL's own parser of connection strings, which its client programs bring along."""

import ctypes
from collections.abc import Mapping

_LIBRARY = "libpq.so.5"


class _Option(ctypes.Structure):
    """One parameter, as libpq-fe.h has it."""

    _fields_ = (
        ("keyword", ctypes.c_char_p),
        ("envvar", ctypes.c_char_p),
        ("compiled", ctypes.c_char_p),
        ("value", ctypes.c_char_p),
        ("label", ctypes.c_char_p),
        ("display", ctypes.c_char_p),
        ("size", ctypes.c_int),
    )


_Options = ctypes.POINTER(_Option)


def parameters(conninfo: str) -> Mapping[str, str]:
    """Return the parameters of a connection string or URL.

    Raises:
        ValueError: The library cannot read it; its complaint may hold a part of a password and is left out.
    """
    library = ctypes.CDLL(_LIBRARY)
    library.PQconninfoParse.restype = _Options
    return _read(library, library.PQconninfoParse(conninfo.encode(), None))


def known() -> frozenset[str]:
    """Return the names of the parameters that the library knows."""
    library = ctypes.CDLL(_LIBRARY)
    library.PQconndefaults.restype = _Options
    options = library.PQconndefaults()
    names = frozenset(name for name, _value in _each(options))
    library.PQconninfoFree(options)
    return names


def _read(library: ctypes.CDLL, options: "ctypes._Pointer[_Option]") -> Mapping[str, str]:
    if _is_null(options):
        raise ValueError("libpq cannot read the connection string")
    found = {name: value.decode(errors="replace") for name, value in _each(options) if value}
    library.PQconninfoFree(options)
    return found


def _is_null(options: "ctypes._Pointer[_Option]") -> bool:
    return ctypes.cast(options, ctypes.c_void_p).value is None


def _each(options: "ctypes._Pointer[_Option]") -> list[tuple[str, bytes | None]]:
    """Return names and values; an option without a keyword is the end."""
    found: list[tuple[str, bytes | None]] = []
    while (keyword := options[len(found)].keyword) is not None:
        found.append((keyword.decode(), options[len(found)].value))
    return found

"""What the folder of a database engine says."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo


def _text(names: object, info: ValidationInfo) -> str:
    """Return the texts of the named files of the folder, one after the other."""
    found: Mapping[str, str] = info.context or {}
    listed = [str(name) for name in (names if isinstance(names, list) else [names])]
    missing = [name for name in listed if name not in found]
    if missing:
        raise ValueError(f"there is no file {missing[0]!r} beside the data file")
    return "".join(found[name] for name in listed)


Text = Annotated[str, BeforeValidator(_text)]
"""A text in files of the folder, which the data file names."""


class _Table(BaseModel):
    """A table of the data file; a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Session(_Table):
    """How a run names its sessions in the database, so that those of a killed pod are seen."""

    variable: Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]+$")]
    """Environment variable that names the sessions of every program that uses the engine's client library."""
    longest: Annotated[int, Field(ge=32)]
    """Bytes that the engine keeps of the name."""
    ended_by: str
    """What a person ends such a session with."""


class Client(_Table):
    """How the operator's own containers back the database up, inspect and restore it, by `client.py` of the folder."""

    schemes: Annotated[tuple[Annotated[str, Field(pattern="^[a-z]+$")], ...], Field(min_length=1)]
    """What a connection URL may begin with, before `://` or a driver's `+name://`; the first is the usual one."""
    session: Session
    bookkeeping: Text
    """Asks for <VERSION> of a migration tool's <TABLE>, in the language of the report's client."""


class Engine(_Table):
    """What the operator knows of a database engine."""

    name: Annotated[str, Field(pattern="^[A-Z][A-Za-z]+$", max_length=32)]
    """The word that `spec.database.engine` names it by."""
    says: Annotated[str, Field(max_length=160)]
    """A sentence for the reference and for `kubectl explain`, without its full stop."""
    url: str
    """A connection URL as an example."""
    default: bool = False
    """Whether it is meant where a flow names none."""
    client: Client | None = None
    """Left out where the operator has none: then nothing backs the database up, and nothing asks it."""

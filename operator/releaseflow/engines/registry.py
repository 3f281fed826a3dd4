"""The database engines that the operator knows: one for each folder beside this file.

The files are part of the package, as code is: they are read once, when this is imported, and never change afterwards.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from releaseflow.engines.engine import Client, Engine

_FACTS = "engine.toml"
_CLIENT = "client.py"


def parse_engine(folder: str, found: Mapping[str, str]) -> Engine:
    """Return what the files of a folder say, by their names.

    Raises:
        ValueError: The data file is not TOML, says what an engine does not, names a file that there is not, or
            describes another engine than its folder is named after.
    """
    facts = tomllib.loads(found[_FACTS])
    engine = Engine.model_validate(facts, context=found)
    if folder != engine.name.lower():
        raise ValueError(f"{folder}/{_FACTS} describes {engine.name}: call the folder {engine.name.lower()}")
    if engine.client is not None and _CLIENT not in found:
        raise ValueError(f"there is no file {_CLIENT!r} beside the data file")
    return engine


def the_default(engines: Mapping[str, Engine]) -> str:
    """Return the name of the engine that is meant where a flow names none.

    Raises:
        ValueError: Not exactly one says that it is the default.
    """
    defaults = [engine.name for engine in engines.values() if engine.default]
    if len(defaults) != 1:
        raise ValueError(f"exactly one engine is the default, and not {', '.join(defaults) or 'none'}")
    return defaults[0]


def _all() -> dict[str, Engine]:
    folders = [folder for folder in files(__package__).iterdir() if (folder / _FACTS).is_file()]
    engines = [parse_engine(folder.name, _texts(folder)) for folder in folders]
    return {engine.name: engine for engine in sorted(engines, key=lambda engine: engine.name)}


def _texts(folder: Traversable) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.is_file()}


ENGINES: Mapping[str, Engine] = MappingProxyType(_all())
"""By name, in alphabetical order."""

DEFAULT_ENGINE = the_default(ENGINES)
"""Name of the engine that is meant where a flow names none."""

CLIENTS: Mapping[str, Client] = MappingProxyType(
    {name: engine.client for name, engine in ENGINES.items() if engine.client is not None}
)
"""Those of the engines that have one, by the engine's name."""

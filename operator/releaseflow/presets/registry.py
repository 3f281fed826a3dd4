"""The migration tools that the operator knows: one for each data file in this folder.

The files are part of the package, as code is: they are read once, when this is imported, and never change afterwards.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from releaseflow.presets.preset import Preset

_SUFFIX = ".toml"


def parse_preset(file_name: str, text: str) -> Preset:
    """Return what a data file says.

    Raises:
        ValueError: It is not TOML, says what a preset does not, or describes another tool than it is named after.
    """
    preset = Preset.model_validate(tomllib.loads(text))
    if file_name != preset.name.lower() + _SUFFIX:
        raise ValueError(f"{file_name} describes {preset.name}: call it {preset.name.lower()}{_SUFFIX}")
    return preset


def _all() -> dict[str, Preset]:
    found = [file for file in files(__package__).iterdir() if file.name.endswith(_SUFFIX)]
    presets = [parse_preset(file.name, file.read_text("utf-8")) for file in found]
    return {preset.name: preset for preset in sorted(presets, key=lambda preset: preset.name)}


PRESETS: Mapping[str, Preset] = MappingProxyType(_all())
"""By name, in alphabetical order."""

"""The migration tools that the operator knows: one for each data file in this folder.

The files are part of the package, as code is: they are read once, when this is imported, and never change afterwards.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from releaseflow.presets.preset import Preset


def _read() -> dict[str, Preset]:
    texts = [file.read_text("utf-8") for file in files(__package__).iterdir() if file.name.endswith(".toml")]
    presets = [Preset.model_validate(tomllib.loads(text)) for text in texts]
    return {preset.name: preset for preset in sorted(presets, key=lambda preset: preset.name)}


PRESETS: Mapping[str, Preset] = MappingProxyType(_read())
"""By name, in the order of the alphabet, wherever the files lie."""

"""Find plug-ins: one for each module of a package."""

from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def modules_of(package: ModuleType, *, but: Collection[str] = ()) -> list[ModuleType]:
    """Import the modules of a package, but for those of these names, and return them in the order of their names."""
    names = sorted(found.name for found in iter_modules(package.__path__) if found.name not in but)
    return [import_module(f"{package.__name__}.{name}") for name in names]

"""Each lock of requirements is closed: what any pinned distribution needs is pinned too, on every supported Python.

The locks are installed without a resolver, so a requirement that no pin meets would be noticed at import only. What a
distribution needs stands in its metadata, which is read from the environments of these very locks; no index is asked.
"""

import importlib.metadata
import itertools
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ("requirements.txt", "requirements-dev.txt", "requirements-mutants.txt")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ADDRESS = re.compile(r"(?<!\w)https?://(?!localhost|127\.|\[)[\w.-]+\.\w+")
"""Where something is fetched from; a pattern for one has no dot behind its colon and slashes."""
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
LOCKS = {"requirements.txt": "requirements-dev.txt"}
"""Locks whose distributions are installed in the environment of another lock: it is tested to pin the same."""


def applies(requirement: Requirement, python: str, extra: str = "") -> bool:
    """Whether a requirement holds on a Python."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def pins(lock: str, python: str) -> dict[str, Version]:
    """Return the versions that a lock pins for a Python."""
    lines = (ROOT / lock).read_text().splitlines()
    found = [Requirement(line.split(" \\")[0]) for line in lines if line and not line.startswith((" ", "#"))]
    mine = [pin for pin in found if applies(pin, python)]
    return {canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("==")) for pin in mine}


def asked(source: Path) -> Iterator[Requirement]:
    """Return what a file of requirements asks for, with the files that it includes."""
    for line in source.read_text().splitlines():
        if line.startswith("-r "):
            yield from asked(source.parent / line.removeprefix("-r "))
        elif line and not line.startswith(("#", "-c ")):
            yield Requirement(line)


def metadata(lock: str) -> dict[str, importlib.metadata.Distribution]:
    """Return the metadata of all distributions in the environment of a lock, which is made where it is not there."""
    command = [sys.executable, str(ROOT / "tools" / "venv.py"), str(LOCKS.get(lock, lock))]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    folders = Path(made.stdout.strip()).glob("lib/python*/site-packages")
    found = importlib.metadata.distributions(path=[str(folder) for folder in folders])
    return {canonicalize_name(distribution.metadata["Name"]): distribution for distribution in found}


def unmet(lock: str, python: str) -> list[str]:
    """Return what is needed on a Python and not pinned, each with who needs it."""
    pinned, known = pins(lock, python), metadata(lock)
    extras: defaultdict[str, set[str]] = defaultdict(set)
    found: list[str] = []
    open_ends = [(lock, requirement) for requirement in asked(ROOT / lock.replace(".txt", ".in"))]
    seen: set[tuple[str, str]] = set()
    while open_ends:
        who, needed = open_ends.pop()
        name = canonicalize_name(needed.name)
        if name not in pinned or not needed.specifier.contains(pinned[name], prereleases=True):
            found.append(f"{who} needs {needed}, and the pin is {pinned.get(name, 'missing')}")
            continue
        extras[name] |= needed.extras
        if name not in known and name not in pins(lock, HERE):
            continue  # It is for another Python than this one, which cannot install it and read what it needs.
        for text, extra in itertools.product(known[name].requires or [], {"", *extras[name]}):
            requirement = Requirement(text)
            if applies(requirement, python, extra) and (name, str(requirement)) not in seen:
                seen.add((name, str(requirement)))
                open_ends.append((name, requirement))
    return found


@pytest.fixture(scope="module", autouse=True)
def environments(integration: None) -> None:
    """All environments, made before the first test: what is not in the cache is downloaded."""
    for lock in LOCKED:
        metadata(lock)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKED)
def test_what_a_pinned_distribution_needs_is_pinned(lock: str, python: str) -> None:
    assert unmet(lock, python) == []


def test_an_environment_holds_what_its_lock_pins() -> None:
    for lock in LOCKED:
        installed = {name: Version(found.version) for name, found in metadata(lock).items()}
        assert pins(lock, HERE).items() <= installed.items(), lock


def test_a_missing_pin_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {name: version for name, version in pins("requirements.txt", HERE).items() if name != "yarl"}
    monkeypatch.setattr(sys.modules[__name__], "pins", lambda lock, python: rest)
    assert any("needs yarl" in line and "the pin is missing" in line for line in unmet("requirements.txt", HERE))


BUILT_FROM = sorted(
    path
    for pattern in ("**/Containerfile", "**/requirements*", "**/package-lock.json", "**/.npmrc", "**/config.toml")
    for folder in ("examples", "images")
    for path in (ROOT / folder).glob(pattern)
)


@pytest.mark.parametrize("path", BUILT_FROM, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_an_image_is_built_from_names_no_registry(path: Path) -> None:
    text = path.read_text("utf-8")
    found = re.findall(r'"resolved": .*', text) if path.name == "package-lock.json" else ADDRESS.findall(text)
    assert found == [], "the machine that builds knows its own"

"""Content keys: what was built from the same bytes has the same name."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

KEY_LENGTH = 16
NOT_CONTENT = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"})


def files_below(paths: Iterable[Path]) -> list[Path]:
    """All regular files of the given files and folders, in a fixed order, without what tools leave behind."""
    found: set[Path] = set()
    for path in paths:
        candidates = path.rglob("*") if path.is_dir() else [path]
        found.update(file for file in candidates if file.is_file() and not NOT_CONTENT & set(file.parts))
    return sorted(found)


def content_key(root: Path, paths: Iterable[Path], settings: Mapping[str, str]) -> str:
    """Key of the files (name below the root, executable bit, bytes) and of the settings they are built with."""
    digest = hashlib.sha256()
    for name, value in sorted(settings.items()):
        digest.update(f"{len(name)}:{name}={len(value)}:{value}\n".encode())
    for file in files_below(paths):
        executable = bool(file.stat().st_mode & 0o100)
        body = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root)}\0{executable}\0{body}\n".encode())
    return digest.hexdigest()[:KEY_LENGTH]

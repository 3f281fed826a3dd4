"""The page docs/reference/engines.md, from the folders of the database engines."""

from collections.abc import Iterator

from releaseflow.engines.engine import Engine
from releaseflow.engines.registry import ENGINES
from releaseflow.presets.registry import PRESETS

GENERATED = "<!-- Generated from operator/releaseflow/engines/ by `make docs`. Do not edit it: edit the data files. -->"


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (GENERATED, "", "# Database engines", "")
    yield from ("What `spec.database.engine` may say, and what a run does then.", "")
    yield from ("| Engine | A connection URL | What ReleaseFlow does |", "| --- | --- | --- |")
    for name, engine in ENGINES.items():
        default = ", the default" if engine.default else ""
        yield f"| [{name}](#{name.lower()}){default} | `{engine.url}` | {engine.says} |"
    yield ""
    for engine in ENGINES.values():
        yield from _engine(engine)


def _engine(engine: Engine) -> Iterator[str]:
    client, session = engine.client, engine.client.session
    known = [name for name, preset in PRESETS.items() if engine.name in preset.bookkeeping]
    yield from (f"## {engine.name}", "")
    yield f"- The URL begins with one of {', '.join(f'`{scheme}://`' for scheme in client.schemes)}."
    yield f"  A driver's name may follow the first word, as in `{client.schemes[0]}+driver://`."
    yield f"- `{session.variable}` names the sessions of a run in the database: `releaseflow-` and the run's name."
    yield f"  While sessions of another run are there, no backup is taken. `{session.ended_by}` ends them."
    if known:
        yield f"- The schema's version is read from the bookkeeping of {', '.join(known)}: [tools](tools.md)."
    yield ""

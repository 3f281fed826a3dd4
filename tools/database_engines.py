"""The page docs/reference/engines.md, from the folders of the database engines."""

from collections.abc import Iterator

from releaseflow.engines.engine import Client, Engine
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
    yield from (f"## {engine.name}", "")
    yield from _without_client() if engine.client is None else _with_client(engine.name, engine.client)
    yield ""


def _without_client() -> Iterator[str]:
    yield "- Only `backup: {none: {acknowledge: DataMayBeLost}}` is accepted: [without a"
    yield "  backup](../guides/backups.md#without-a-backup)."
    yield "- `DATABASE_URL` is given to check and migration as it is; `database.client` is not used."
    yield "- A migration counts as complete when its Job says so and its pod ended with 0. The database is not asked"
    yield "  for its schema, its identity, or sessions of another run. The messages of a run say so."
    yield "- After a migration that failed, what it left is not known. Nothing more is started until a"
    yield "  [retry](../operate/trouble.md#retry), as with every engine."


def _with_client(name: str, client: Client) -> Iterator[str]:
    session = client.session
    known = [tool for tool, preset in PRESETS.items() if name in preset.bookkeeping]
    yield f"- The URL begins with one of {', '.join(f'`{scheme}://`' for scheme in client.schemes)}."
    yield f"  A driver's name may follow the first word, as in `{client.schemes[0]}+driver://`."
    yield f"- `{session.variable}` names the sessions of a run in the database: `releaseflow-` and the run's name."
    yield f"  While sessions of another run are there, no backup is taken. `{session.ended_by}` ends them."
    if known:
        yield f"- The schema's version is read from the bookkeeping of {', '.join(known)}: [tools](tools.md)."

"""Write the pages of docs/reference/ from the models, tables and data that they show: `python -m tools.reference`."""

from collections.abc import Iterator
from pathlib import Path

from releaseflow.api import commands
from releaseflow.api.schema.base import API_VERSION
from releaseflow.api.schema.cel import LIST_MAP_KEYS, VALIDATIONS
from releaseflow.api.v1alpha1.failure_meanings import MEANINGS
from releaseflow.reporting.measures import OF_FLOWS, OF_THE_PROCESS, OF_TRANSITIONS, Measure
from tools import failure_modes, migration_tools
from tools.crds import root_schema
from tools.kinds import KINDS, Column, Kind
from tools.schema import Schema, scalar

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
GENERATED = "<!-- Generated from operator/releaseflow/api by `make crds`. Do not edit it: edit the source. -->"


def reference_files() -> dict[Path, str]:
    """The text of every page, by the path of its file."""
    pages = {FOLDER / f"{kind.name.lower()}.md": "\n".join(_kind_page(kind)) for kind in KINDS}
    lists = {FOLDER / "reasons.md": "\n".join(_reasons_page()), FOLDER / "metrics.md": "\n".join(_metrics_page())}
    modes = {FOLDER / "failure-modes.md": "\n".join([*failure_modes.page(), ""])}
    return {**pages, **lists, **modes, FOLDER / "tools.md": "\n".join(migration_tools.page())}


def _kind_page(kind: Kind) -> Iterator[str]:
    schema = root_schema(kind)
    yield from (GENERATED, "", f"# {kind.name}", "", f"`{API_VERSION}`. {kind.description}", "")
    yield from (
        f"`kubectl explain {kind.short_name}.spec` says the same in a terminal. Short name: `{kind.short_name}`.",
        "",
    )
    yield from (
        "The least that does something, for `kubectl create -f`:",
        "",
        "```yaml",
        *kind.example.splitlines(),
        "```",
        "",
    )
    yield from _sections("spec", schema["properties"]["spec"])
    yield from _sections("status", schema["properties"]["status"])
    yield from _columns(kind)


def _sections(path: str, node: Schema) -> Iterator[str]:
    """A section for an object, then those of the objects in it."""
    yield from (f"## {path}", "", node["description"], "")
    yield from ("| Field | Type | Default | Description |", "| --- | --- | --- | --- |")
    for name, field in node["properties"].items():
        default = "required" if name in node.get("required", []) else _default(field)
        yield f"| `{name}` | {_type(field)} | {default} | {_cell(_without_default(field))} |"
    yield ""
    yield from _refusals(node)
    for name, field in node["properties"].items():
        inner = field.get("items", field)
        if "properties" in inner:
            yield from _sections(f"{path}.{name}" + ("[]" if "items" in field else ""), inner)


def _refusals(node: Schema) -> Iterator[str]:
    """What the API server says about an object, or one of its fields, that breaks a rule."""
    broken = [_refusal("this object", rule) for rule in node.get(VALIDATIONS, [])]
    for name, field in node["properties"].items():
        leaf = field.get("items", field)
        broken += [_refusal(name, rule) for rule in leaf.get(VALIDATIONS, []) if "properties" not in leaf]
    if broken:
        yield from ("The API server refuses what breaks a rule, with these words:", "", *broken, "")


def _refusal(name: str, rule: dict[str, str]) -> str:
    field = rule.get("fieldPath", name).removeprefix(".")
    return f"- `{field}`: {rule['message']}" if field != "this object" else f"- {field} {rule['message']}"


def _type(field: Schema) -> str:
    if "items" in field:
        keys = field.get(LIST_MAP_KEYS)
        named = f", named by {' and '.join(keys)}" if keys else ""
        return f"list of {_type(field['items'])}s{named}, at most {field['maxItems']}"
    if "enum" in field:
        return " \\| ".join(f"`{value}`" for value in field["enum"])
    bounds = [f"{word} {field[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in field]
    return " ".join([field["type"], *bounds])


def _default(field: Schema) -> str:
    default = field.get("default")
    if isinstance(default, dict):
        return ", ".join(f"`{name}: {scalar(value)}`" for name, value in default.items())
    return "" if default is None else f"`{scalar(default)}`"


def _without_default(field: Schema) -> str:
    description: str = field["description"]
    return description.removesuffix(f" Default: {scalar(field['default'])}.") if "default" in field else description


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _columns(kind: Kind) -> Iterator[str]:
    yield from ("## Columns of `kubectl get`", "", "| Column | Tells |", "| --- | --- |")
    yield from (f"| {_heading(column)} | {_cell(column.description)} |" for column in kind.columns)
    yield ""


def _heading(column: Column) -> str:
    return f"{column.name.upper()} (`-o wide`)" if column.wide else column.name.upper()


def _reasons_page() -> Iterator[str]:
    yield from (GENERATED, "", "# Reasons", "")
    yield "Every condition of a flow or run carries one of these words as its `reason`; none ever changes its meaning."
    yield f"To *retry* is `{commands.retry('NAMESPACE', 'NAME')}`."
    yield from ("", "| Reason | Meaning | What to do |", "| --- | --- | --- |")
    for reason, meaning in MEANINGS.items():
        yield f'| <a id="{reason.lower()}"></a>`{reason}` | {_cell(meaning.means)} | {_cell(meaning.what_to_do)} |'
    yield ""


def _metrics_page() -> Iterator[str]:
    source = "<!-- Generated from operator/releaseflow/reporting/measures.py by `make docs`. Edit the source. -->"
    yield from (source, "", "# Metrics", "", "What `/metrics` shows, on the port of the probes (8080).", "")
    yield from _measures("Flows", "Of each flow as the leader sees it; a standby shows none.", OF_FLOWS)
    told = "Counted by the operator that wrote the status which says so, from its start on."
    yield from _measures("Releases", told, OF_TRANSITIONS)
    yield from _measures("The operator", "Of each replica.", OF_THE_PROCESS)
    yield from ("And `process_cpu_seconds_total`, `process_resident_memory_bytes` and others of the process.", "")


def _measures(heading: str, words: str, measures: tuple[Measure, ...]) -> Iterator[str]:
    yield from (f"## {heading}", "", words, "", "| Metric | Type | Labels | Says |", "| --- | --- | --- | --- |")
    for one in measures:
        buckets = f" Buckets: {', '.join(f'{bound:g}' for bound in one.buckets)}." if one.buckets else ""
        labels = " ".join(f"`{name}`" for name in one.labels)
        says = _cell(one.help).replace("<", "&lt;")
        yield f"| `{one.name}` | {one.type} | {labels} | {says}{buckets} |"
    yield ""


def main() -> None:
    """Write the pages, and name them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in reference_files().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(FOLDER.parent.parent)}")  # noqa: T201 - a command that tells its user what it did


if __name__ == "__main__":
    main()

"""The page docs/reference/workloads.md, and what the chart grants and asks for, from the kinds of workloads."""

from collections.abc import Iterator
from pathlib import Path

from releaseflow.workloads.registry import DEFAULT_KIND, WORKLOADS
from releaseflow.workloads.workload import Workload

CHART = Path(__file__).resolve().parent.parent / "charts" / "releaseflow" / "files" / "workloads.yaml"
_SOURCE = "Generated from operator/releaseflow/workloads/"


def chart_file() -> str:
    """The text of the file that the chart makes its rules from."""
    head = f"# {_SOURCE} by `make crds`. Do not edit it: edit the files of the kinds.\n"
    return head + "".join(map(_row, WORKLOADS.values()))


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (f"<!-- {_SOURCE} by `make docs`. Do not edit it: edit the files of the kinds. -->", "")
    yield from ("# Workloads", "")
    yield "What `kind` may say in `spec.targets[]` and `spec.migration.workloadRef`, and how a rollout is read."
    yield from (f"Where it is left out, it is {DEFAULT_KIND}.", "")
    yield from ("| Kind | Resource | The operator may | The author of a flow needs |", "| --- | --- | --- | --- |")
    for kind, workload in WORKLOADS.items():
        resource = f"{workload.plural}.{workload.group}"
        yield f"| [{kind}](#{kind.lower()}) | `{resource}` | {', '.join(workload.verbs)} | patch |"
    yield from (
        "",
        "Of each it writes the images of the released containers, by server-side apply of name and image alone,",
    )
    yield "one annotation of the pod template where pods have to be restarted for the same image, and on the workload"
    yield from ("itself the label `releaseflow.dev/managed` and the annotation `releaseflow.dev/fence`.", "")
    for workload in WORKLOADS.values():
        yield from _section(workload)


def _row(workload: Workload) -> str:
    verbs = ", ".join(workload.verbs)
    names = f"- kind: {workload.kind}\n  group: {workload.group}\n  resource: {workload.plural}\n"
    version = workload.api_version.rpartition("/")[2]
    return f"{names}  verbs: [{verbs}]\n  version: {version}\n  held: {str(workload.can_be_held).lower()}\n"


def _section(workload: Workload) -> Iterator[str]:
    yield from (f"## {workload.kind}", "")
    yield f"- Pod template: `{'.'.join(workload.template)}`."
    yield f"- Rolled out: {workload.complete}"
    yield f"- Failed: {workload.fails}"
    if workload.pauses:
        yield f"- `TargetPaused`: one {workload.pauses}."
    yield f"- Follow it: `{workload.follow('NAMESPACE', 'NAME')}`. See why it does not come up:"
    yield f"  `{workload.describe('NAMESPACE', 'NAME')}` and `{workload.logs('NAMESPACE', 'NAME')}`."
    yield ""

"""The live table: the state of flow, run, pods and visitors."""

from collections import Counter

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from demo.objects import Condition, Flow, Run, holds, named, version
from demo.state import NOT_GATES, ReleaseState, pods_by_version

LAST_VISITS = 20
MARKS = {"True": ("✓", "green"), "False": ("·", "dim"), "Unknown": ("…", "yellow")}


def panel(scene: ReleaseState, clock: str) -> Panel:
    """Return the live table."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="ellipsis", no_wrap=True)
    rows.add_row("flow", flow_row(scene.flow))
    rows.add_row("", gates(scene.flow.conditions if scene.flow else ()))
    rows.add_row("run", run_row(scene.run))
    rows.add_row("", gates(scene.run.conditions if scene.run else ()))
    rows.add_row("pods", Text(pods_by_version(scene.shop_pods)))
    rows.add_row("visitors", visitors(scene))
    return Panel(rows, title=f"the shop, {clock}", title_align="left", border_style="cyan")


def flow_row(flow: Flow | None) -> Text:
    """Return what the flow wants, has and waits for."""
    if flow is None:
        return Text("none yet")
    ready = named(flow.conditions, "Ready")
    row = Text(f"desired {version(flow.image)}  live {version(flow.live) or '?'}  ")
    return row + (verdict(ready, stalled=holds(flow.conditions, "Stalled")) if ready else Text("not seen yet"))


def run_row(run: Run | None) -> Text:
    """Return the image of the newest run and its state."""
    if run is None:
        return Text("none yet")
    ready = named(run.conditions, "Ready")
    row = Text(f"{run.name}  {version(run.image)}  ")
    return row + (verdict(ready, stalled=holds(run.conditions, "Stalled")) if ready else Text("not seen yet"))


def verdict(ready: Condition, *, stalled: bool) -> Text:
    """Return the condition Ready in colour."""
    style = "bold red" if stalled else MARKS[ready.status][1]
    return Text(f"Ready={ready.status} {ready.reason}", style=style)


def gates(conditions: tuple[Condition, ...]) -> Text:
    """Return the row of gates, each with its mark."""
    row, stalled = Text(), holds(conditions, "Stalled")
    for condition in conditions:
        if condition.type in NOT_GATES:
            continue
        mark, style = MARKS[condition.status]
        failed = stalled and condition.status != "True" and condition.reason != "NotReached"
        row.append(f"{condition.type} {'✗' if failed else mark}   ", style="bold red" if failed else style)
    return row


def visitors(scene: ReleaseState) -> Text:
    """Return how many requests were sent, how many failed, and who answers now."""
    failed = sum(not visit.answered for visit in scene.visits)
    now = Counter(visit.version or "nobody" for visit in scene.visits[-LAST_VISITS:])
    answers = ", ".join(f"{who} {count}" for who, count in sorted(now.items())) or "no version yet"
    row = Text(f"{len(scene.visits)} requests, ")
    row.append(f"{failed} failed", style="bold red" if failed else "green")
    return row + Text(f"; the last {LAST_VISITS} were answered by {answers}")

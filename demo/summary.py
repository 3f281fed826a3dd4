"""The ending: what the visitors saw, whether that is what was promised, and where to look around."""

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.table import Table

from demo import load
from demo.commands import Cluster
from demo.objects import Run, run, version
from demo.setup import ITEMS, NAMESPACE, OPERATOR_NAMESPACE, has_gate
from demo.state import Line, Tone
from demo.terminal import Terminal
from demo.visits import Finding, Release, broken_promises, findings

FIRST = "v1"
MIGRATED = {"v2": True, "v3": False, "v4": True}
GATED = {"v5": True}
"""Only where the cluster knows the policies of gate mode."""


def check(cluster: Cluster, screen: Terminal) -> bool:
    """Stop the load and say what its visitors saw; return whether every promise was kept."""
    screen.act("What the visitors saw")
    visits, sent = load.stop(cluster)
    runs = [run(each) for each in cluster.read("get", "migrationruns")["items"]]
    found = findings(visits, releases(runs))
    migrated = {**MIGRATED, **GATED} if has_gate(cluster) else MIGRATED
    broken = broken_promises(visits, sent, (items(cluster), ITEMS), found) + unrecorded(found, migrated)
    failed = sum(not visit.answered for visit in visits)
    added = sum(visit.answered and visit.writes for visit in visits)
    slowest = max((visit.seconds for visit in visits), default=0.0)
    screen.tell(Line("requests", f"{sent} sent, {failed} failed; the slowest took {slowest:.1f} s"))
    screen.tell(
        Line("items", f"{ITEMS} before, {added} added by visitors while versions changed, {items(cluster)} now")
    )
    screen.console.print(table(found))
    screen.tell(
        Line("clocks", "the cluster dates migrations in whole seconds: 'done' is taken as one second later here")
    )
    for sentence in broken:
        screen.tell(Line("BROKEN", sentence, Tone.BAD))
    return not broken


def releases(runs: list[Run]) -> list[Release]:
    """Return the releases of all versions but the first, dated by the run that migrated, or by the last that tried."""
    by_version: dict[str, Run] = {}
    for each in sorted(runs, key=lambda candidate: candidate.sequence):
        if each.started is not None:
            by_version[version(each.image)] = each
    found: list[Release] = []
    serving = FIRST
    for name, each in by_version.items():
        if name == FIRST or each.started is None:
            continue
        found.append(Release(name, serving, each.started, each.done))
        serving = serving if each.done is None else name
    return found


def unrecorded(found: list[Finding], should: Mapping[str, bool]) -> list[str]:
    """Return what the runs should have recorded and did not, one sentence each."""
    recorded = {each.release.version: each.release.done is not None for each in found}
    return [
        f"the runs should say that {name} was {'migrated' if migrated else 'not migrated'}; they say: {recorded}"
        for name, migrated in should.items()
        if recorded.get(name) is not migrated
    ]


def items(cluster: Cluster) -> int:
    """Return how many items the database holds, asked of the database itself."""
    sql = "SELECT count(*) FROM shop_item"
    words = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--host=127.0.0.1", "--username=shop", "shop"]
    script = 'PGPASSWORD="$POSTGRES_PASSWORD" exec "$@"'
    return int(
        cluster.kubectl("exec", "deployment/postgres", "--", "sh", "-c", script, "sh", *words, f"--command={sql}")
    )


def table(found: list[Finding]) -> Table:
    """Return one row for each release."""
    rows = Table("release", "migration done", "answers before that, by version", "first answer of the new one", "kept")
    for each in found:
        before = ", ".join(f"{name}: {count}" for name, count in sorted(each.before.items())) or "none"
        rows.add_row(each.release.version, done(each.release), before, first(each), "yes" if each.kept else "NO")
    return rows


def done(release: Release) -> str:
    """Return when a migration was done."""
    return "never: it failed" if release.done is None else f"{clock(release.done, 'seconds')}"


def first(found: Finding) -> str:
    """Return when the new version first answered."""
    if found.first is None:
        return "never"
    after = "" if found.release.done is None else f" ({found.first - found.release.done:+.1f} s)"
    return clock(found.first, "milliseconds") + after


def clock(moment: float, grain: str) -> str:
    """Return the time of the day."""
    return datetime.fromtimestamp(moment, UTC).time().isoformat(grain)


def farewell(cluster: Cluster, screen: Terminal) -> None:
    """Say how to look around, and how to remove everything."""
    restore = '{range .items[*]}{.status.backup.restoreCommand}{"\\n"}{end}'
    screen.act("The cluster stays up. Look around:")
    for line in (
        'eval "$(tools/cluster/cluster env)"  # kubectl for this cluster: ' + cluster.kubeconfig,
        f"kubectl -n {NAMESPACE} get rflow,mrun,pods",
        f"kubectl -n {NAMESPACE} describe rflow shop",
        f"kubectl -n {NAMESPACE} get mrun -o yaml     # the record: steps, backup with checksum, failure",
        f"kubectl -n {NAMESPACE} get mrun -o jsonpath='{restore}'     # the commands that restore the backups",
        f"kubectl -n {OPERATOR_NAMESPACE} logs deployment/releaseflow --all-pods",
        f"kubectl -n {NAMESPACE} port-forward service/shop 8000:80     # then http://localhost:8000",
        "make demo             # once more, from the start",
        "make cluster-down     # remove everything",
    ):
        screen.quote(line)

"""Migrations that take their time and leave a line in the database each time they run, and what is left of them."""

from typing import Any

from tests.e2e.stories.invariants import left_hanging, locks
from tests.e2e.stories.shop import Raw, Shop
from tests.e2e.stories.waiting import until

_LEDGER = "create table if not exists ledger (at timestamptz not null default now())"
_WRITE = (
    "import os, psycopg; "
    "psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute('insert into ledger default values')"
)


def recorded(shop: Shop, seconds: float = 0, then: str = "exec python3 manage.py migrate --noinput") -> dict[str, Any]:
    """Return a flow's migration that writes a line into the ledger, sleeps, and migrates; it checks nothing first."""
    shop.database.ask(_LEDGER)
    script = f'python3 -c "{_WRITE}" && sleep {seconds} && {then}'
    return {"tool": None, "command": ["sh", "-c", script], "check": {"policy": "Never"}}


def lines(shop: Shop) -> int:
    """Return how often a recorded migration ran."""
    return int(shop.database.ask("select count(*) from ledger")[0])


def at_work(shop: Shop, seconds: float = 60) -> Raw:
    """Wait until a recorded migration has begun and is still at work; returns its run."""
    before = lines(shop)
    until(lambda: lines(shop), lambda n: n > before, seconds, "a migration that begins")
    return shop.runs()[-1]


def outcome(shop: Shop, run: str, seconds: float = 90) -> Raw:
    """Wait until a run has ended; returns its status."""
    found = until(
        lambda: shop.get("mrun", run)["status"], lambda s: bool(s.get("outcome")), seconds, f"the outcome of {run}"
    )
    return dict(found)


def migrated_once(shop: Shop, run: Raw) -> None:
    """Assert that a run made one Job and one pod for its migration."""
    selector = f"releaseflow.dev/run-uid={run['metadata']['uid']},releaseflow.dev/step=Migrate"
    assert len(shop.all("jobs", selector)) == 1
    assert len(shop.all("pods", selector)) == 1


def served_afterwards(shop: Shop, run: Raw) -> None:
    """Assert that no pod of an image that was not served before was made until its migration had ended."""
    ended = shop.get("mrun", run["metadata"]["name"])["status"]["completionTime"]
    pods = [p for p in shop.all("pods", "app") if p["spec"]["containers"][0]["image"] == run["spec"]["image"]]
    assert pods
    assert all(pod["metadata"]["creationTimestamp"] >= ended for pod in pods), "an image served before its migration"


def at_peace(shop: Shop, seconds: float = 60) -> None:
    """Wait until nothing is held any more: no lock, no run, no Job, no pod."""
    until(lambda: left_hanging(shop), lambda left: not left, seconds, "locks and finalizers to be let go of")


def database_state(shop: Shop) -> str:
    """Return what the one lock of the shop's namespace remembers of the database."""
    (lock,) = locks(shop)
    return str(lock["metadata"]["annotations"]["releaseflow.dev/database"])


def untouched(shop: Shop, pods: set[str], image: str) -> None:
    """Assert that the very same pods serve the very same image."""
    assert shop.live() == image
    assert shop.pod_uids() == pods, "no pod is replaced"
    assert shop.restarts() == 0, "no pod is restarted"
    ready = [
        c["status"] for p in shop.all("pods", "app=shop") for c in p["status"]["conditions"] if c["type"] == "Ready"
    ]
    assert set(ready) == {"True"}

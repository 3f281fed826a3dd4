"""What really happened for a run, whatever anybody knows of it."""

from tests.model import interning
from tests.model.objects import Kind
from tests.model.state import GHOSTS, ClusterState, Truth


def truth_of(cluster: ClusterState, run_uid: str) -> Truth | None:
    """Return what really happened for a run."""
    ghost = GHOSTS[cluster.ghost]
    known = ghost.truth(run_uid)
    run = cluster.shelf(Kind.RUN).by_uid.get(run_uid)
    if known is not None or run is None:
        return known
    read = interning.run_read(run)
    known = Truth(run_uid, read.flow_uid, read.sequence, read.spec.image, read.spec.lock_key)
    return known._replace(backed_up=not read.spec.backup.asks_database)

"""What the benchmark reads of an operator's metrics."""

from releaseflow.kube.resources import Resource
from releaseflow.reporting.gauges import Snapshot
from releaseflow.reporting.metrics import Metrics, exposition
from tests.bench.counts import counted


def test_requests_count_whatever_they_were_answered() -> None:
    metrics = Metrics()
    metrics.count_request("update", Resource.FLOW.plural, "200")
    metrics.count_request("update", Resource.FLOW.plural, "409")
    metrics.count_request("list", Resource.POD.plural, "200")
    body, _ = exposition(metrics, Snapshot("1.2.3", leads=True, queue_depth=0), "")

    assert counted(body.decode()) == {("update", "ReleaseFlow", True): 2, ("list", "Pod", False): 1}

"""A sink that the project does not know: one more file in the folder, and it is given every status that is written."""

from pathlib import Path

from tests.support.product_copy import answered, product_copy

SINK = '''
"""Dummy: keeps what it is given."""

GIVEN = []


class Dummy:
    def publish(self, transition):
        GIVEN.append(transition)


def sink(context):
    return Dummy()
'''
ASKED = """
import asyncio, json, sys
import structlog
from releaseflow.cache.cache import Cache
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.reporter import Reporter
from releaseflow.kube.resources import Resource
from releaseflow.reporting.metrics import Metrics
from releaseflow.reporting.sinks import dummy
from releaseflow.reporting.sinks.registry import all_sinks
from releaseflow.reporting.sinks.sink import SinkContext
from releaseflow.runtime.composition import reconciler
from tests.support import objects
from tests.support.fake_client import FakeClient

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
recorded, api, cache = [], FakeClient().having(Resource.FLOW, objects.flow()), Cache()
cache.upsert(Resource.FLOW, objects.flow())
sinks = all_sinks(SinkContext(recorded.append, Metrics()))
one = reconciler(api.as_kube(), cache, "operators", objects.job_specs(), Reporter(recorded.append, sinks))
asyncio.run(one.reconcile(ReconcileRequest(Resource.FLOW, "shop", "shop")))
print(json.dumps({
    "sinks": [type(sink).__name__ for sink in sinks],
    "given": [(t.about.name, t.before.gate, t.after.gate) for t in dummy.GIVEN],
    "recorded": [record.reason for record in recorded],
}))
"""


def test_one_file_adds_a_sink(tmp_path: Path) -> None:
    answer = answered(product_copy(tmp_path, {"reporting/sinks/dummy.py": SINK}), ASKED)

    assert answer["sinks"] == ["Dummy", "EventSink", "LogSink", "MetricsSink"]
    assert answer["given"] == [["shop", "", "TargetsFound"]]
    assert answer["recorded"] == ["TargetNotFound"], "the others are given it as before"

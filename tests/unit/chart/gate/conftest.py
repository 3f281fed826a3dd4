"""The policies of gate mode on a real API server, once they hold."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.faults.controlplane.control_plane import ControlPlane
from tests.unit.chart.gate.api import Api
from tests.unit.chart.gate.policies import Policies
from tests.unit.chart.rendering import Chart
from tools.cluster.driver.binaries import NODE, built

NAMESPACES = ("team", "elsewhere")


@pytest.fixture(scope="session")
def plane(integration: None) -> Iterator[ControlPlane]:
    with asyncio.Runner() as runner:
        plane = ControlPlane()
        runner.run(plane.__aenter__())
        try:
            yield plane
        finally:
            runner.run(plane.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def spaces(plane: ControlPlane) -> Iterator[dict[str, Api]]:
    """Two namespaces, of which the policies are for the first."""
    spaces = {name: Api(plane.layout, built(NODE) / "kubectl", name) for name in NAMESPACES}
    for name, api in spaces.items():
        answer = api.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert answer.taken, answer.message
    yield spaces
    for api in spaces.values():
        api.close()


@pytest.fixture(scope="session")
def policies(spaces: dict[str, Api], chart: Chart) -> Policies:
    """The policies, which hold."""
    first = NAMESPACES[0]
    policies = Policies.of(chart, spaces[first], {"namespaces": [first]})
    policies.install()
    return policies


@pytest.fixture(scope="session")
def api(policies: Policies) -> Api:
    """The namespace in which the policies hold."""
    return policies.api


@pytest.fixture(scope="session")
def elsewhere(policies: Policies, spaces: dict[str, Api]) -> Api:
    """A namespace that they are not for."""
    return spaces[NAMESPACES[1]]

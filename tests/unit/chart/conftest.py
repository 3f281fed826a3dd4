"""The chart, rendered by the real Helm."""

import os
import shutil

import pytest

from tests.unit.chart.rendering import Chart, Objects


@pytest.fixture(scope="session")
def helm(integration: None) -> str:
    """The Helm binary: named by HELM, or found on PATH."""
    binary = shutil.which(os.environ.get("HELM", "helm"))
    assert binary, "there is no Helm: run `make integration`, which builds it, or set HELM to a binary"
    return binary


@pytest.fixture(scope="session")
def chart(helm: str) -> Chart:
    return Chart(helm)


@pytest.fixture(scope="session")
def defaults(chart: Chart) -> Objects:
    """What the chart makes of its default values."""
    return chart.objects()

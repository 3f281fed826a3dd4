"""What makes a test an integration test: a fixture that it uses starts a real program, or asks the network."""

import shutil

import pytest


@pytest.fixture(scope="session")
def integration() -> None:
    """Ask for it in a fixture that starts Helm, PostgreSQL, an API server, …: its tests then leave `make unit`."""


@pytest.fixture(scope="session")
def promtool(integration: None) -> str:
    """Return the path of promtool, which judges rules and metrics as Prometheus does."""
    found = shutil.which("promtool")
    assert found is not None, "promtool is missing: apt-get install prometheus"
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for it, whichever fixtures lie between, so that it can be chosen by `-m`."""
    for item in items:
        if isinstance(item, pytest.Function) and "integration" in item.fixturenames:
            item.add_marker(pytest.mark.integration)

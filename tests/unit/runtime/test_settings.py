"""The configuration: environment, then flags."""

import pytest

from releaseflow.reporting.logs import LogFormat
from releaseflow.runtime.settings import parse_settings


def test_defaults() -> None:
    found = parse_settings([], {})

    assert found.pod_name
    assert found.namespaces == ()
    assert found.client_image == "localhost/releaseflow/client:dev"
    assert (found.log_format, found.log_level, found.probe_port) == (LogFormat.AUTO, "info", 8080)


def test_a_flag_wins_over_the_environment() -> None:
    environment = {"POD_NAME": "pod-1", "RELEASEFLOW_NAMESPACES": "a, b,", "RELEASEFLOW_PROBE_PORT": "9000"}

    found = parse_settings(["--probe-port", "9001"], environment)

    assert (found.pod_name, found.namespaces, found.probe_port) == ("pod-1", ("a", "b"), 9001)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("RELEASEFLOW_LOG_LEVEL", "loud"), ("RELEASEFLOW_LOG_FORMAT", "xml"), ("RELEASEFLOW_PROBE_PORT", "http")],
)
def test_a_wrong_value_is_named(variable: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_settings([], {variable: value})

    assert variable in capsys.readouterr().err


def test_help_names_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_settings(["--help"], {})

    said = capsys.readouterr().out
    for variable in ("POD_NAMESPACE", "RELEASEFLOW_NAMESPACES", "RELEASEFLOW_CLIENT_IMAGE", "KUBECONFIG"):
        assert variable in said

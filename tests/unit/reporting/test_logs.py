"""Log lines: one for each thing that happened, parsable, and without the insides of libraries."""

import io
import json
import logging
from collections.abc import Iterator

import kopf
import pytest
import structlog

from releaseflow.reporting.logs import LogFormat, configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_fields_in_this_order() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.JSON, "info", stream)
    structlog.get_logger().info("image_set", image="shop:v2", name="shop")

    (line,) = lines(stream)
    assert list(line) == ["timestamp", "level", "event", "name", "image"]


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.JSON, "warning", stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_an_exception_is_one_line() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.JSON, "info", stream)
    try:
        int("first\nsecond")
    except ValueError:
        structlog.get_logger().exception("reconcile_failed")

    (line,) = lines(stream)
    assert "ValueError" in str(line["exception"])


def test_the_settings_of_kopf_stay_out() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.JSON, "info", stream)
    reference = {"namespace": "shop", "name": "shop", "kind": "ReleaseFlow", "uid": "u"}
    extra = {"k8s_ref": reference, "k8s_skip": True, "settings": kopf.OperatorSettings()}
    logging.getLogger("kopf.objects").warning("odd", extra=extra)

    (line,) = lines(stream)
    assert (line["kind"], line["namespace"]) == ("ReleaseFlow", "shop")
    assert not {"settings", "k8s_skip", "k8s_ref"} & set(line)


def test_kopf_never_logs_whole_objects() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.JSON, "debug", stream)
    logging.getLogger("kopf.objects").debug("{'data': 'secret'}")

    assert not stream.getvalue()


def test_the_console_is_for_people() -> None:
    stream = io.StringIO()
    configure_logs(LogFormat.CONSOLE, "info", stream)
    structlog.get_logger().info("image_set", image="shop:v2")

    assert "image_set" in stream.getvalue()
    assert not stream.getvalue().startswith("{")

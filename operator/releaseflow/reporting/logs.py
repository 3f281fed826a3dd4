"""Logs: one line for each thing that happened, as JSON in a cluster and in colours on a terminal."""

import logging
import sys
from enum import StrEnum
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor


class LogFormat(StrEnum):
    """How a log line looks."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


def configure_logs(form: LogFormat, level: str, stream: TextIO = sys.stderr) -> None:
    """Send everything that is logged, by us and by the libraries, through one pipeline."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _without_settings, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(form, stream)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _silence_libraries(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _last(form: LogFormat, stream: TextIO) -> list[Processor]:
    coloured = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and stream.isatty())
    if coloured:
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    return [structlog.processors.format_exc_info, _in_order, structlog.processors.JSONRenderer(default=str)]


def _in_order(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Put first what a reader looks for first."""
    first = ("timestamp", "level", "event", "kind", "namespace", "name")
    return {key: event[key] for key in sorted(event, key=lambda k: first.index(k) if k in first else len(first))}


def _silence_libraries(level: str) -> None:
    """Keep kopf from logging each event and, at DEBUG, whole objects."""
    quiet = max(logging.getLevelNamesMapping()[level.upper()], logging.WARNING)
    for name in ("kopf", "aiohttp.access", "asyncio"):
        logging.getLogger(name).setLevel(quiet)


def _without_settings(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Flatten the reference that kopf puts on its records, and leave out its whole settings."""
    reference = event.pop("k8s_ref", None) or {}
    for key in ("namespace", "name", "kind"):
        if reference.get(key):
            event.setdefault(key, reference[key])
    event.pop("k8s_skip", None)
    event.pop("settings", None)
    return event

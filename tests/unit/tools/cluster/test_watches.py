"""The loop of the node's own controllers, before a server that refuses."""

import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import pytest
from typing_extensions import override

from tests.support.http_server import serving
from tools.cluster.driver.node.api import Api, ApiError
from tools.cluster.driver.node.watches import PAUSE_SECONDS, ring

PATH = "/api/v1/pods"


class Answer(BaseHTTPRequestHandler):
    """Refuses every path but one, whose watch has two changes."""

    def do_GET(self) -> None:
        """Answer one request."""
        self.send_response(200 if self.path.startswith(PATH) else 403)
        self.end_headers()
        self.wfile.write(b"one\ntwo\n")

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Answer) as address:
        plain: Any = Api.__new__(Api)
        plain.connection = lambda timeout: HTTPConnection(urlsplit(address).netloc, timeout=timeout)
        yield plain


def test_a_watch_yields_at_its_start_and_for_each_change(api: Api) -> None:
    assert len(list(api.changes(PATH))) == 3


def test_a_watch_that_is_refused_is_no_watch_without_changes(api: Api) -> None:
    with pytest.raises(ApiError, match="403"):
        next(api.changes("/refused"))


def test_after_a_refusal_there_is_a_pause(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = threading.Event()
    monkeypatch.setattr(time, "sleep", stop_at(PAUSE_SECONDS))
    with pytest.raises(StopIteration):
        ring(api, "/refused", changed)
    assert not changed.is_set()


def stop_at(expected: float) -> Callable[[float], None]:
    """Ends the loop where it pauses."""

    def sleep(seconds: float) -> None:
        assert seconds == expected
        raise StopIteration

    return sleep

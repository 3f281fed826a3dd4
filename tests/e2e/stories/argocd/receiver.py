"""A receiver of webhooks on the loopback interface."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from typing_extensions import override

from tests.e2e.stories.shop import Raw
from tests.support.http_server import serving


@dataclass
class Receiver:
    """What arrived, in order."""

    url: str
    received: list[Raw]


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive documents until the end."""
    received: list[Raw] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Write no log."""

    with serving(Handler) as url:
        yield Receiver(url, received)

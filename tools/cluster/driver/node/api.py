"""The few calls of the Kubernetes API that the node makes for itself."""

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .layout import API_PORT

TIMEOUT_SECONDS = 10.0
WATCH_SECONDS = 300


class ApiError(Exception):
    """The API server refused a call.

    Attributes:
        status: HTTP status, for example 404.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Api:
    """The API server as the administrator sees it."""

    def __init__(self, certificates: Path) -> None:
        self.context = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        self.context.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Make one call and return the object that answers it.

        Raises:
            ApiError: The server refused.
            OSError: The server does not answer.
        """
        connection = self.connection(TIMEOUT_SECONDS)
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(response.status, text)
        return json.loads(text) if text.startswith("{") else text

    def changes(self, path: str) -> Iterator[None]:
        """Yield once at the start and for each change of a collection, until the server ends the watch.

        Raises:
            ApiError: The server refused.
            OSError: The server does not answer.
        """
        connection = self.connection(WATCH_SECONDS + TIMEOUT_SECONDS)
        try:
            connection.request("GET", f"{path}?watch=1&timeoutSeconds={WATCH_SECONDS}")
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                raise ApiError(response.status, response.read().decode())
            yield
            while response.readline():
                yield
        finally:
            connection.close()

    def connection(self, timeout: float) -> http.client.HTTPSConnection:
        """A new connection."""
        return http.client.HTTPSConnection("127.0.0.1", API_PORT, timeout=timeout, context=self.context)

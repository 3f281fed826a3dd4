"""A Git server on the loopback address: Git's own program answers, for every repository below a folder."""

import os
import subprocess
from contextlib import AbstractContextManager
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from typing_extensions import override

from tests.support.http_server import serving


class _Git(BaseHTTPRequestHandler):
    """Hands each request to `git http-backend`, as a web server does by CGI."""

    def __init__(self, root: Path, *more: object) -> None:
        self.root = root
        super().__init__(*more)  # type: ignore[arg-type]

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        variables = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        command, env = ["git", "http-backend"], {**os.environ, **variables}
        said = subprocess.run(command, input=body, env=env, capture_output=True, check=True).stdout
        head, _, content = said.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = _answer  # noqa: N815 (named by the library)
    do_POST = _answer  # noqa: N815

    @override
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: a story that fails shows what Flux says."""


def serving_git(root: Path) -> AbstractContextManager[str]:
    """Serve the repositories below a folder until the end; yields the address."""
    return serving(partial(_Git, root))

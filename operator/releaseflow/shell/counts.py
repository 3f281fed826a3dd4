"""How many requests were sent: what a release costs, measurable from outside."""

from collections import Counter
from threading import Lock

from releaseflow.shell.errors import Request


class RequestCounts:
    """Counts requests by verb and kind, since the start of the process, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str, bool]] = Counter()

    def add(self, request: Request) -> None:
        """Count one request."""
        with self._lock:
            self._counts[request.verb.name.lower(), request.kind.singular, request.verb.writes] += 1

    def as_text(self) -> str:
        """Return the counts in the text format of Prometheus."""
        with self._lock:
            counts = sorted(self._counts.items())
        lines = [
            "# HELP releaseflow_requests_total Requests sent to the API server.",
            "# TYPE releaseflow_requests_total counter",
        ]
        lines += [
            f'releaseflow_requests_total{{verb="{verb}",kind="{kind}",writes="{str(writes).lower()}"}} {count}'
            for (verb, kind, writes), count in counts
        ]
        return "\n".join(lines) + "\n"

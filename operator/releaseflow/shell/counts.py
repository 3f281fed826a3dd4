"""How many requests were sent: what a release costs, measurable from outside."""

from collections import Counter

from releaseflow.shell.errors import Request


class RequestCounts:
    """Counts requests by verb and kind, since the start of the process."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, bool]] = Counter()

    def add(self, request: Request) -> None:
        """Count one request."""
        self._counts[request.verb.name.lower(), request.kind.singular, request.verb.writes] += 1

    def as_text(self) -> str:
        """Return the counts in the text format of Prometheus."""
        lines = [
            "# HELP releaseflow_requests_total Requests sent to the API server.",
            "# TYPE releaseflow_requests_total counter",
        ]
        lines += [
            f'releaseflow_requests_total{{verb="{verb}",kind="{kind}",writes="{str(writes).lower()}"}} {count}'
            for (verb, kind, writes), count in sorted(self._counts.items())
        ]
        return "\n".join(lines) + "\n"

"""Times as the API writes them; the core is handed the time and never asks for it."""

from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def timestamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment(text: str) -> datetime:
    """Return the moment that a timestamp of ours stands for."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)

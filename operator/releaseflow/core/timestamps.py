"""Times as the API writes them; the core is handed the time and never asks for it."""

from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def timestamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment(text: str) -> datetime:
    """Return the time of a timestamp."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def duration(start: str, end: str) -> str:
    """Return how long it was from one timestamp to another, for people: `45s`, `3m12s`, `2h5m`."""
    minutes, seconds = divmod(max(int((moment(end) - moment(start)).total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"

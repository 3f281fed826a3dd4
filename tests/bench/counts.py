"""How many requests an operator says that it has sent."""

import re
from collections import Counter

Counts = Counter[tuple[str, str, bool]]
"""By verb and kind, and whether it writes."""
_LINE = re.compile(r'releaseflow_requests_total\{verb="(\w+)",kind="(\w+)",writes="(\w+)"\} (\d+)')


def counted(text: str) -> Counts:
    """Return what stands on the page /requests of an operator."""
    return Counter({(verb, kind, writes == "true"): int(count) for verb, kind, writes, count in _LINE.findall(text)})

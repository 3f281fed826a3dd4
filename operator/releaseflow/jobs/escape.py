"""Text that the kubelet must leave as it is."""

import re

_READ_BY_THE_KUBELET = re.compile(r"\$(?=[$(])")


def literal(text: str) -> str:
    """Keep the kubelet from reading a `$(command)` as a reference to a variable, and `$$` as an escape."""
    return _READ_BY_THE_KUBELET.sub("$$", text)

"""The one error that the driver shows to people."""


class ClusterError(Exception):
    """Something is wrong that the reader can put right; the message is one line and names the next command."""

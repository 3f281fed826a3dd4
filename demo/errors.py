"""The one error that the demo shows to people."""


class DemoError(Exception):
    """Something went otherwise than it should; the message names the next command."""

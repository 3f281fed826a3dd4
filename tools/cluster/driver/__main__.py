"""Entry point of `python3 -m driver`."""

import sys

from .commands import main

sys.exit(main(sys.argv[1:]))

"""Run the operator: `python -m releaseflow`."""

import asyncio
import sys

from releaseflow.handlers.app import main
from releaseflow.handlers.config import config
from releaseflow.telemetry.logs import configure_logs


def run() -> int:
    """Run the operator as the command line and the environment say; return the exit code."""
    settings = config(sys.argv[1:])
    configure_logs(settings.log_format, settings.log_level)
    return asyncio.run(main(settings))


if __name__ == "__main__":
    sys.exit(run())

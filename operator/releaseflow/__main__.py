"""Run the operator: `python -m releaseflow`."""

import asyncio
import os
import sys
from typing import NoReturn

from releaseflow.handlers.watches import watch
from releaseflow.reporting.logs import configure_logs
from releaseflow.runtime.composition import compose
from releaseflow.runtime.settings import Settings, parse_settings


def run() -> NoReturn:
    """Run the operator as the command line and the environment say, and exit.

    All is stopped in order by then. What kopf leaves behind is not waited for: after an error of its own it takes more
    than ten seconds to end its tasks, and asyncio.run waits for them.
    """
    settings = parse_settings(sys.argv[1:])
    configure_logs(settings.log_format, settings.log_level)
    os._exit(asyncio.new_event_loop().run_until_complete(_run(settings)))


async def _run(settings: Settings) -> int:
    return await (await compose(settings, watch)).run()


if __name__ == "__main__":
    run()

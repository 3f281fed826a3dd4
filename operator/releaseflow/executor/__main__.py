"""Execute a command in a running container: `python -m releaseflow.executor COMMAND...`.

The log is the command's own, the exit code as well, and the report says whether that is so. What is reported at a time
holds if this process is killed then.
"""

import asyncio
import os
import sys

from releaseflow.executor.pods import NoPodError, Place, find_pod
from releaseflow.executor.report import Report
from releaseflow.executor.settings import Settings, settings_from
from releaseflow.executor.stream import Ended, Lost, NotBegun, execute
from releaseflow.kube.connection import connection

NO_END = 126
"""Exit code where none of the command is known; that of a shell for a command that it could not run."""


def main() -> int:
    """Execute the command that the arguments are, and return its exit code."""
    settings = settings_from(os.environ)
    return asyncio.run(_run(settings, Report(settings.report), sys.argv[1:]))


async def _run(settings: Settings, report: Report, command: list[str]) -> int:
    report.not_executed("it was ended before it had found a pod")
    api = await connection()
    async with api.session() as session:
        try:
            place = await find_pod(session, api.server, settings)
        except NoPodError as error:
            return _not_executed(report, str(error))
        _say(f"executing in pod {place.pod}, container {place.container}")
        report.lost("it was ended while the command was at work", place.pod)
        return _reported(report, place, await execute(session, api.server, settings.namespace, place, command))


def _reported(report: Report, place: Place, end: Ended | NotBegun | Lost) -> int:
    match end:
        case Ended(code, log):
            report.ended(code, place, log)
            return code
        case NotBegun(why):
            return _not_executed(report, why)
        case Lost(why):
            report.lost(why, place.pod)
            _say(f"the connection is lost: {why}")
            return NO_END


def _not_executed(report: Report, why: str) -> int:
    report.not_executed(why)
    _say(f"not executed: {why}")
    return NO_END


def _say(text: str) -> None:
    sys.stderr.write(f"releaseflow: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Forks operators from one process that has imported everything.

Each is `python -m releaseflow`, without the second that the imports take. This is run as a program: it reads orders
from standard input, one JSON object a line, and answers in the same way.

What a fork shares is imported modules only: no event loop, connection, logger or configuration exists before it.
"""

import ctypes
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import sys
from typing import Any

from tests.faults.launcher import blockable

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG"""
_WARM = (
    "releaseflow.__main__",
    "kubernetes.aio.client",
    "kubernetes.aio.config",
    "aiohttp.web",
    "aiohttp.connector",
    "yaml",
    "kopf._core.reactor.running",
    "concurrent.futures.thread",
    "encodings.idna",
    "structlog.dev",
)


def serve() -> None:
    """Fork an operator for each order, and tell of each end, until standard input ends."""
    for name in _WARM:
        importlib.import_module(name)
    del sys.modules["releaseflow.__main__"]
    gc.collect()
    gc.freeze()
    wake, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(told)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Whoever started us is told as well, and ends us when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: dict[int, int] = {}
    waiting = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _report_ends(children)
        if 0 in ready:
            read = os.read(0, 65536)
            if not read:
                return
            *lines, waiting = (waiting + read).split(b"\n")
            for line in lines:
                _obey(json.loads(line), children)


def _obey(order: dict[str, Any], children: dict[int, int]) -> None:
    pid = os.fork()
    if pid == 0:
        _become_operator(order)
    children[pid] = order["id"]
    _say(id=order["id"], pid=pid)


def _report_ends(children: dict[int, int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _say(id=children.pop(pid), code=os.waitstatus_to_exitcode(status))


def _say(**facts: int) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


def _become_operator(order: dict[str, Any]) -> None:
    """Run the operator's own entry point in this process, and end with its exit code."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in ((0, null), (1, log), (2, log)):
        os.dup2(file, number)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    blockable.obey()
    sys.argv = ["releaseflow"]
    random.seed()
    try:
        runpy.run_module("releaseflow", run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # whatever it is, the interpreter would print it and end with 1
        sys.excepthook(*sys.exc_info())
        code = 1
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()

"""Two ways to start an operator process: forked from a warm parent, or cold as a user starts it."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

LOG = "log"
KUBECONFIG = "kubeconfig"
"""Both in the folder that an operator runs in: the client library settles on the name when it is imported."""
_PROGRAM = Path(__file__).with_name("blockable.py")
_ROOT = Path(__file__).resolve().parents[3]
SOURCES = _ROOT / "operator"


@dataclass
class Child:
    """A process of the operator."""

    pid: int
    ended: "asyncio.Future[int]"
    """Its exit code; negative where a signal ended it."""

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Launcher(Protocol):
    """A way to start operators."""

    async def start(self, environment: dict[str, str], folder: Path) -> Child:
        """Start one in a folder with its kubeconfig, where it leaves its log."""


class ExecLauncher:
    """`python -m releaseflow` in a process of its own, whose work can be held up."""

    def __init__(self, sources: Path = SOURCES) -> None:
        self.sources = sources

    async def start(self, environment: dict[str, str], folder: Path) -> Child:
        """Start one, with all its imports."""
        environment = {**environment, "PYTHONPATH": str(self.sources)}
        with (folder / LOG).open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                str(_PROGRAM),
                env=environment,
                stdout=file,
                stderr=file,
                stdin=asyncio.subprocess.DEVNULL,
                cwd=folder,
            )
        return Child(process.pid, asyncio.ensure_future(process.wait()))


@dataclass
class ForkLauncher:
    """Operators forked from one process that has imported everything; use as `async with`."""

    sources: Path = SOURCES
    """Source root of the operator."""

    _numbers: "count[int]" = field(default_factory=count)
    _born: "dict[int, asyncio.Future[int]]" = field(default_factory=dict)
    _ended: "dict[int, asyncio.Future[int]]" = field(default_factory=dict)
    _forkserver: asyncio.subprocess.Process | None = None
    _listening: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": f"{self.sources}{os.pathsep}{_ROOT}", "KUBECONFIG": KUBECONFIG}
        program = str(Path(__file__).with_name("forkserver.py"))
        pipe = asyncio.subprocess.PIPE
        self._forkserver = await asyncio.create_subprocess_exec(
            sys.executable, program, env=environment, stdin=pipe, stdout=pipe
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._forkserver is not None
        if self._forkserver.returncode is None:
            self._forkserver.kill()
        await self._forkserver.wait()
        if self._listening is not None:
            await self._listening

    async def start(self, environment: dict[str, str], folder: Path) -> Child:
        """Fork one."""
        assert self._forkserver is not None
        assert self._forkserver.stdin is not None
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        self._born[number], self._ended[number] = loop.create_future(), loop.create_future()
        order = {"id": number, "environment": environment, "folder": str(folder), "log": str(folder / LOG)}
        self._forkserver.stdin.write(json.dumps(order).encode() + b"\n")
        pid = await asyncio.wait_for(self._born[number], 30)
        return Child(pid, self._ended[number])

    async def _listen(self) -> None:
        assert self._forkserver is not None
        assert self._forkserver.stdout is not None
        async for line in self._forkserver.stdout:
            facts = json.loads(line)
            if "pid" in facts:
                _settle(self._born.pop(facts["id"]), facts["pid"])
            else:
                _settle(self._ended.pop(facts["id"]), facts["code"])
        for future in (*self._born.values(), *self._ended.values()):
            _settle(future, -signal.SIGKILL)


def _settle(future: "asyncio.Future[int]", value: int) -> None:
    """Tell whoever still waits."""
    if not future.done():
        future.set_result(value)

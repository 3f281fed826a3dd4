"""The operator as a process of its own, outside of the cluster, for what can only be measured from outside."""

import asyncio
import os
import re
import socket
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.bench.counts import Counts, counted

SOURCES = Path(__file__).resolve().parents[2] / "operator"
POLL_SECONDS, LONGEST_SECONDS = 0.005, 60.0
_USER_TIME = 11
"""Place of the user time in /proc/PID/stat, counted behind the process's name; the system's time follows."""
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
_MOST_RESIDENT = re.compile(r"VmHWM:\s+(\d+) kB")


class Process:
    """One process that serves one namespace and keeps its own leader's Lease there."""

    def __init__(self, namespace: str, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(SOURCES),
            "POD_NAME": "bench",
            "POD_NAMESPACE": namespace,
            "RELEASEFLOW_NAMESPACES": namespace,
            "RELEASEFLOW_PROBE_PORT": str(self._port),
            "RELEASEFLOW_LOG_FORMAT": "json",
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._began = 0.0

    async def __aenter__(self) -> Self:
        self._began = time.monotonic()
        null = asyncio.subprocess.DEVNULL
        words = (sys.executable, "-m", "releaseflow")
        self._process = await asyncio.create_subprocess_exec(*words, env=self._environment, stdout=null, stderr=null)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def ready(self) -> float:
        """Return the seconds from the start of the process until it said that it is ready.

        Raises:
            TimeoutError: It never said so.
        """
        while time.monotonic() < self._began + LONGEST_SECONDS:
            if await self._says_ready():
                return time.monotonic() - self._began
            await asyncio.sleep(POLL_SECONDS)
        raise TimeoutError("the operator never became ready; see why: PYTHONPATH=operator python -m releaseflow")

    def processor_seconds(self) -> float:
        """Return the CPU time that it has used so far."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[_USER_TIME]) + int(fields[_USER_TIME + 1])) / os.sysconf("SC_CLK_TCK")

    def resident_mebibytes(self) -> float:
        """Return its resident memory."""
        found = _RESIDENT.search(self._read("status"))
        assert found, "the process is gone"
        return int(found[1]) / 1024

    def most_resident_mebibytes(self) -> float:
        """Return the most resident memory that it ever had."""
        found = _MOST_RESIDENT.search(self._read("status"))
        assert found, "the process is gone"
        return int(found[1]) / 1024

    async def requests(self) -> Counts:
        """Return how many requests it has sent so far."""
        url = f"http://127.0.0.1:{self._port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return counted(await answer.text())

    def _read(self, what: str) -> str:
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/{what}").read_text(encoding="utf-8")

    async def _says_ready(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        try:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), 1.0)
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
        return b" 200 " in line

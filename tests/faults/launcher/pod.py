"""One operator of a plan: started, killed, stopped and woken, and started again whenever it ended by itself."""

import asyncio
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.launcher.blockable import BLOCK, GO_ON
from tests.faults.launcher.launchers import KUBECONFIG, LOG, Child, Launcher

MOST_RESTARTS = 12
RESTART_SECONDS = 0.05
STOP_SECONDS = 8.0


@dataclass(frozen=True)
class Place:
    """Where an operator works."""

    namespace: str
    operator_namespace: str
    folder: Path

    def folder_of(self, name: str) -> Path:
        """Return the folder that an operator runs in."""
        return self.folder / name

    def environment(self, name: str, port: int) -> dict[str, str]:
        """Return the environment of an operator that reaches the API server at a port of this machine."""
        self.folder_of(name).mkdir(exist_ok=True)
        (self.folder_of(name) / KUBECONFIG).write_text(_kubeconfig(port), encoding="utf-8")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder_of(name)),
            "KUBECONFIG": KUBECONFIG,
            "POD_NAME": name,
            "POD_NAMESPACE": self.operator_namespace,
            "RELEASEFLOW_NAMESPACES": self.namespace,
            "RELEASEFLOW_PROBE_PORT": "0",
            "RELEASEFLOW_LOG_FORMAT": "json",
            # Nothing is encrypted on the way to the proxy; to read all authorities twice is a tenth of its whole work.
            "SSL_CERT_FILE": os.devnull,
            "SSL_CERT_DIR": os.devnull,
        }


@dataclass
class Pod:
    """One pod of the operator: its container is started again when it ends."""

    launcher: Launcher
    name: str
    environment: dict[str, str]
    folder: Path
    exits: list[int] = field(default_factory=list)
    """Exit codes of those that ended by themselves."""
    kills: int = 0
    _child: Child | None = None
    _keeping: "asyncio.Task[None] | None" = None
    _killed: bool = False
    _stopping: bool = False

    @property
    def log(self) -> str:
        """All that it has logged."""
        return (self.folder / LOG).read_text(encoding="utf-8", errors="replace")

    async def start(self) -> None:
        """Start it, and keep it running."""
        self._child = await self.launcher.start(self.environment, self.folder)
        self._keeping = asyncio.create_task(self._keep())

    async def kill(self) -> None:
        """End it at once, as a node that loses power does; it comes back by itself."""
        child = self._child
        if child is None or self._stopping:
            return
        self.kills += 1
        self._killed = True
        child.send(signal.SIGKILL)
        await asyncio.shield(child.ended)

    async def freeze_for(self, seconds: float) -> None:
        """Stop it where it stands, and let it go on after some seconds as if nothing had been."""
        self._send(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._send(signal.SIGCONT)

    async def block_for(self, seconds: float) -> None:
        """Hold up what its main thread does for some seconds; its process goes on."""
        self._send(BLOCK)
        await asyncio.sleep(seconds)
        self._send(GO_ON)

    async def stop(self) -> int:
        """Ask it to end, and return its exit code; -9 where it did not listen."""
        self._stopping = True
        if self._child is None:
            return 0
        self._send(signal.SIGCONT)
        self._send(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(asyncio.shield(self._child.ended), STOP_SECONDS)
        except TimeoutError:
            self._send(signal.SIGKILL)
            code = await self._child.ended
        if self._keeping is not None:
            self._keeping.cancel()
        return code

    async def _keep(self) -> None:
        while len(self.exits) < MOST_RESTARTS:
            assert self._child is not None
            code = await self._child.ended
            if self._stopping:
                return
            if not self._killed:
                self.exits.append(code)
            self._killed = False
            await asyncio.sleep(RESTART_SECONDS)
            self._child = await self.launcher.start(self.environment, self.folder)

    def _send(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.send(number)


def _kubeconfig(port: int) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "faults",
        "contexts": [{"name": "faults", "context": {"cluster": "faults", "user": "operator"}}],
        "clusters": [{"name": "faults", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "operator", "user": {}}],
    }
    return json.dumps(document)

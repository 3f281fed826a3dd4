"""A control plane that lives as long as its tests: etcd, API server and controller manager on loopback."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import yaml

from releaseflow.unstructured import is_condition_true
from tests.faults.controlplane import components, gate
from tests.faults.controlplane.client import OPERATOR_TOKEN, TOKEN, Client, RefusedError
from tests.faults.controlplane.components import Layout
from tests.faults.controlplane.programs import dying_with_us, kube
from tests.support.processes import free_ports

CRDS = Path(__file__).resolve().parents[3] / "crds"
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own below it
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.03
LAZY_COLLECTOR = {"GOGC": "400"}
"""Memory is there for the asking, and time is not."""


class ControlPlaneError(Exception):
    """A component did not come up."""


class ControlPlane:
    """One control plane; nothing of it is left after the `async with`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="releaseflow-faults-", dir=MEMORY if MEMORY.is_dir() else None))
        ports = free_ports(3)
        self.layout = Layout(self.folder, *ports)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._client: Client | None = None
        self._operator: Client | None = None

    @property
    def client(self) -> Client:
        """The administrator's way in."""
        assert self._client is not None, "the control plane does not run yet"
        return self._client

    @property
    def operator(self) -> Client:
        """The operator's way in: admission knows it by its name."""
        assert self._operator is not None, "the control plane does not run yet"
        return self._operator

    async def __aenter__(self) -> Self:
        try:
            await self._boot()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def copy_etcd(self) -> Path:
        """Copy etcd's files as a power cut would leave them, and return where the copy is."""
        copy = self.folder / f"copy-{len(list(self.folder.glob('copy-*')))}"
        etcd = self._running["etcd"]
        etcd.send_signal(signal.SIGSTOP)
        try:
            await asyncio.to_thread(shutil.copytree, self.layout.etcd_data, copy)
        finally:
            etcd.send_signal(signal.SIGCONT)
        return copy

    async def restore_etcd(self, copy: Path, first: Callable[[], Awaitable[None]]) -> None:
        """Put a copy in the place of what etcd has, and start everything anew.

        Args:
            copy: What `copy_etcd` returned; it can be restored once.
            first: What is to be done before the controllers, and whoever waits for the API server, go on.
        """
        for name in ("controller-manager", "apiserver", "etcd"):
            self._kill(name)
        shutil.rmtree(self.layout.etcd_data)
        shutil.move(copy, self.layout.etcd_data)
        self._start("etcd", components.etcd(self.layout))
        self._start("apiserver", components.apiserver(self.layout))
        await self._until("apiserver", self._is_ready)
        await first()
        self._start("controller-manager", components.controller_manager(self.layout))

    async def _boot(self) -> None:
        _write_credentials(self.layout)
        self._start("etcd", components.etcd(self.layout))
        self._start("apiserver", components.apiserver(self.layout))
        # It listens once its certificate is written whole.
        await self._until("apiserver", partial(_listens, self.layout.api_port))
        self._client, self._operator = Client(self.layout), Client(self.layout, OPERATOR_TOKEN)
        await self._until("apiserver", self._is_ready)
        await self._install_crds()
        await gate.install(self.client)
        await self._until("apiserver", partial(gate.holds, self.client))
        # The garbage collector learns which kinds there are when it starts, and then only every half minute.
        self._start("controller-manager", components.controller_manager(self.layout))

    async def _install_crds(self) -> None:
        names = []
        for path in sorted(CRDS.glob("*.yaml")):
            crd = yaml.safe_load(path.read_text(encoding="utf-8"))
            names.append(crd["metadata"]["name"])
            await self.client.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
        for name in names:
            await self._until("apiserver", partial(self._is_served, name))

    async def _is_served(self, name: str) -> bool:
        found = await self.client.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}")
        plural, _, group = name.partition(".")
        try:
            await self.client.get(f"/apis/{group}/v1alpha1/{plural}?limit=1")
        except RefusedError:
            return False
        return is_condition_true(found, "Established")

    async def _is_ready(self) -> bool:
        try:
            return bool(await self.client.get("/readyz") == "ok")
        except (RefusedError, aiohttp.ClientError, OSError):
            return False

    def _start(self, name: str, words: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                dying_with_us([str(kube()), *words]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=LAZY_COLLECTOR,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    async def _until(self, name: str, promise: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            kept = promise()
            if await kept if asyncio.iscoroutine(kept) else kept:
                return
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                log = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                raise ControlPlaneError(
                    f"{name} did not come up; the end of its log:\n" + "\n".join(log.splitlines()[-15:])
                )
            await asyncio.sleep(POLL_SECONDS)

    async def _stop(self) -> None:
        for client in (self._client, self._operator):
            if client is not None:
                await client.close()
        for name in ("controller-manager", "apiserver", "etcd"):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_credentials(layout: Layout) -> None:
    layout.certificates.mkdir()
    known = {TOKEN: "administrator", OPERATOR_TOKEN: gate.OPERATOR}
    lines = (f'{token},{name},{name},"system:masters"\n' for token, name in known.items())
    layout.tokens.write_text("".join(lines), encoding="utf-8")
    key = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(layout.account_key)]
    subprocess.run(key, check=True, capture_output=True)
    cluster = {"server": layout.url, "certificate-authority": str(layout.authority)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "faults",
        "contexts": [{"name": "faults", "context": {"cluster": "faults", "user": "administrator"}}],
        "clusters": [{"name": "faults", "cluster": cluster}],
        "users": [{"name": "administrator", "user": {"token": TOKEN}}],
    }
    layout.kubeconfig.write_text(json.dumps(config), encoding="utf-8")


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0

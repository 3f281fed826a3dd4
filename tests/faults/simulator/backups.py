"""etcd copied at one moment and put back at a later one, with everything that then has to find its way again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.controlplane.control_plane import ControlPlane
from tests.faults.proxy.proxy import Proxy
from tests.faults.proxy.record import Record
from tests.faults.simulator.database import Database
from tests.faults.simulator.history import HistoryWatcher
from tests.faults.simulator.kubelet import Kubelet


@dataclass
class Backups:
    """Rewinds the whole cluster; the database and the programs that run are as they are."""

    plane: ControlPlane
    watcher: HistoryWatcher
    record: Record
    database: Database
    kubelet: Kubelet
    namespaces: tuple[str, str]
    ways: list[Proxy]
    """By which operators reach the API server: they are away with it, and find it as it was when they are back."""

    async def take(self) -> Callable[[], "asyncio.Future[None]"]:
        """Copy what etcd has; return what puts it back."""
        copy, starts = await self.plane.copy_etcd(), len(self.database.starts)
        self.record.say("etcd was copied")
        return lambda: asyncio.ensure_future(self._put_back(copy, starts))

    async def _put_back(self, copy: Path, starts: int) -> None:
        """Restore etcd as the handbook says: everything that remembers more is stopped first, but for the operator."""
        self.record.say("etcd is restored")
        for way in self.ways:
            await way.close()
        await self.plane.restore_etcd(copy, self._is_to_be_seen)
        for way in self.ways:
            await way.open()
        self.database.forget(starts)
        self.record.fire("restored", "etcd and everything that reads it goes on from the copy")

    async def _is_to_be_seen(self) -> None:
        """Look at the past anew before anybody else does: the answers of the API server have lower revisions now."""
        self.record.era += 1
        await self.watcher.begin_era()
        await self.kubelet.say_again(self.watcher.histories[self.namespaces[0]].all_of("Pod"))

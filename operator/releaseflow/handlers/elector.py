"""Which process acts: a Lease with a holder, renewed while it lives and given back when it stops.

Election is for economy; the preconditions of every write are what protects. The times are those of Kubernetes' own
components: 15 s until another may take over, 10 s until a holder that cannot renew gives up, 2 s between tries.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from releaseflow.shell.errors import AlreadyExistsError, ApiError, ConflictError, NotFoundError
from releaseflow.shell.kinds import Kind
from releaseflow.shell.kube import Kube
from releaseflow.shell.raw import Raw, name_of, number, part, text, uid_of, version_of

log = structlog.get_logger()

LEASE = "releaseflow-leader"
LEASE_SECONDS, RENEW_SECONDS, RETRY_SECONDS = 15.0, 10.0, 2.0


class NotLeadingError(Exception):
    """This process must not write: another may be leading by now."""


@dataclass
class Elector:
    """Waits until it leads, and runs something as long as it does."""

    kube: Kube
    namespace: str
    identity: str
    monotonic: Callable[[], float] = time.monotonic
    valid_until: float = 0.0
    """Until when this process leads, by the monotonic clock."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _observed: tuple[str, str] = ("", "")
    _observed_at: float = 0.0

    def may_write(self) -> None:
        """Let a write pass while this process leads.

        Raises:
            NotLeadingError: It does not, or has not been able to renew its Lease for too long.
        """
        if self.monotonic() >= self.valid_until:
            raise NotLeadingError("the Lease was not renewed in time")

    def heard(self, raw: Raw) -> None:
        """Try at once when the Lease was given back."""
        if name_of(raw) == LEASE and not _holder(raw):
            self._changed.set()

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Lead once: return when leadership was lost, or when what was led came to an end."""
        leads = await self._attempt()
        if not leads:
            log.info("standing_by", leader=self._observed[0])
        while not leads:
            await self._pause()
            leads = await self._attempt()
        log.info("leading", identity=self.identity)
        work = asyncio.ensure_future(lead())
        try:
            await self._hold(work)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._release()

    async def _hold(self, work: "asyncio.Future[None]") -> None:
        """Renew until the work is over or the Lease is lost."""
        while True:
            done, _ = await asyncio.wait({work}, timeout=RETRY_SECONDS)
            if done:
                await work
                return
            if not await self._attempt() and (self.monotonic() >= self.valid_until or self._is_another()):
                log.error("leadership_lost", holder=self._observed[0])
                return

    async def _attempt(self) -> bool:
        """Take or renew the Lease; whether this process holds it now."""
        began = self.monotonic()
        try:
            async with asyncio.timeout(RETRY_SECONDS * 2):
                held = await self._taken()
        except (ApiError, TimeoutError) as error:
            log.debug("lease_not_renewed", why=str(error))
            return False
        if held:
            self.valid_until = began + RENEW_SECONDS
        return held

    async def _taken(self) -> bool:
        try:
            raw = await self.kube.get(Kind.LEASE, self.namespace, LEASE)
        except NotFoundError:
            return await self._write(None)
        self._observe(raw)
        if _holder(raw) in {"", self.identity} or self._has_run_out():
            return await self._write(raw)
        return False

    async def _write(self, raw: Raw | None) -> bool:
        body = self._lease(raw, self.identity)
        try:
            if raw is None:
                await self.kube.create(Kind.LEASE, self.namespace, body)
            else:
                await self.kube.replace(Kind.LEASE, self.namespace, body)
        except (ConflictError, AlreadyExistsError):
            return False
        self._observed = (self.identity, text(body, "spec", "renewTime"))
        self._observed_at = self.monotonic()
        return True

    async def _release(self) -> None:
        """Give the Lease back, so that another can lead at once."""
        self.valid_until = 0.0
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                while not await self._given_back():
                    log.debug("lease_changed_meanwhile")
        except (ApiError, TimeoutError) as error:
            log.warning("leadership_not_released", why=str(error) or type(error).__name__)

    async def _given_back(self) -> bool:
        """Give the Lease back if it is ours; whether it is so: a renewal on its way may come in between."""
        raw = await self.kube.get(Kind.LEASE, self.namespace, LEASE)
        if _holder(raw) != self.identity:
            return True
        try:
            await self.kube.replace(Kind.LEASE, self.namespace, self._lease(raw, ""))
        except ConflictError:
            return False
        log.info("leadership_released", identity=self.identity)
        return True

    def _observe(self, raw: Raw) -> None:
        """Date a change of the Lease by our own clock: those of two machines cannot be compared."""
        seen = (_holder(raw), text(raw, "spec", "renewTime"))
        if seen != self._observed:
            self._observed = seen
            self._observed_at = self.monotonic()

    def _has_run_out(self) -> bool:
        return self.monotonic() - self._observed_at >= LEASE_SECONDS

    def _is_another(self) -> bool:
        return self._observed[0] not in {"", self.identity}

    async def _pause(self) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return

    def _lease(self, raw: Raw | None, holder: str) -> Raw:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        same = _holder(raw) == holder
        spec = {
            "holderIdentity": holder,
            "leaseDurationSeconds": int(LEASE_SECONDS),
            "acquireTime": (text(raw, "spec", "acquireTime") if same else "") or now,
            "renewTime": now,
            "leaseTransitions": number(raw, "spec", "leaseTransitions") + (0 if same else 1),
        }
        exactly = {"uid": uid_of(raw), "resourceVersion": version_of(raw)} if raw is not None else {}
        return {"metadata": {"name": LEASE, **exactly}, "spec": {k: v for k, v in spec.items() if v != ""}}


def _holder(raw: Raw | None) -> str:
    return text(part(raw, "spec"), "holderIdentity")

"""The Lease that says who leads: take it, renew it, and give it back.

The times are those of Kubernetes' own components: 15 s until another may take over, 10 s until a holder that cannot
renew gives up, 2 s between tries.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from releaseflow.kube.client import Client
from releaseflow.kube.errors import AlreadyExistsError, ApiError, ConflictError, NotFoundError
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_int, get_map, get_str, name_of, resource_version_of, uid_of

log = structlog.get_logger()

LEASE = "releaseflow-leader"
LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD = 15.0, 10.0, 2.0


@dataclass
class LeaderLease:
    """The Lease, as one process that would lead sees it."""

    kube: Client
    namespace: str
    identity: str
    monotonic: Callable[[], float] = time.monotonic
    _observed: tuple[str, str] = ("", "")
    _observed_at: float = 0.0

    @property
    def holder(self) -> str:
        """The holder that was read last; empty where there was none."""
        return self._observed[0]

    @property
    def is_anothers(self) -> bool:
        """Whether somebody else held it when it was seen last."""
        return self.holder not in {"", self.identity}

    async def acquire_or_renew(self, seconds: float) -> float:
        """Take or renew it within some seconds.

        Returns:
            Until when its holder may act, by the monotonic clock; 0 where this process does not hold it, or does not
            know.
        """
        began = self.monotonic()
        try:
            async with asyncio.timeout(seconds):
                held = await self._try_acquire_or_renew()
        except (ApiError, TimeoutError) as error:
            log.debug("lease_not_renewed", why=str(error) or type(error).__name__)
            return 0.0
        return began + RENEW_DEADLINE if held else 0.0

    async def release(self) -> None:
        """Give it back, so that another can lead at once."""
        try:
            async with asyncio.timeout(RETRY_PERIOD):
                while not await self._try_release():
                    log.debug("lease_conflict")
        except (ApiError, TimeoutError) as error:
            log.warning("leadership_not_released", why=str(error) or type(error).__name__)

    async def _try_acquire_or_renew(self) -> bool:
        try:
            raw = await self.kube.get(Resource.LEASE, self.namespace, LEASE)
        except NotFoundError:
            return await self._write(None)
        self._observe(raw)
        if _holder(raw) in {"", self.identity} or self._has_run_out():
            return await self._write(raw)
        return False

    async def _write(self, raw: Object | None) -> bool:
        body = self._lease(raw, self.identity)
        try:
            if raw is None:
                await self.kube.create(Resource.LEASE, self.namespace, body)
            else:
                await self.kube.replace(Resource.LEASE, self.namespace, body)
        except (ConflictError, AlreadyExistsError):
            return False
        self._observe(body)
        return True

    async def _try_release(self) -> bool:
        """Give it back if it is ours; whether it is so: a renewal on its way may come in between."""
        raw = await self.kube.get(Resource.LEASE, self.namespace, LEASE)
        if _holder(raw) != self.identity:
            return True
        try:
            await self.kube.replace(Resource.LEASE, self.namespace, self._lease(raw, ""))
        except ConflictError:
            return False
        log.info("leadership_released", identity=self.identity)
        return True

    def _observe(self, raw: Object) -> None:
        """Date a change of the Lease by our own clock: those of two machines cannot be compared."""
        seen = (_holder(raw), get_str(raw, "spec", "renewTime"))
        if seen != self._observed:
            self._observed = seen
            self._observed_at = self.monotonic()

    def _has_run_out(self) -> bool:
        return self.monotonic() - self._observed_at >= LEASE_DURATION

    def _lease(self, raw: Object | None, holder: str) -> Object:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        same = _holder(raw) == holder
        spec = {
            "holderIdentity": holder,
            "leaseDurationSeconds": int(LEASE_DURATION),
            "acquireTime": (get_str(raw, "spec", "acquireTime") if same else "") or now,
            "renewTime": now,
            "leaseTransitions": get_int(raw, "spec", "leaseTransitions") + (0 if same else 1),
        }
        exactly = {"uid": uid_of(raw), "resourceVersion": resource_version_of(raw)} if raw is not None else {}
        return {"metadata": {"name": LEASE, **exactly}, "spec": {k: v for k, v in spec.items() if v != ""}}


def is_given_back(raw: Object) -> bool:
    """Whether an object is the leader's Lease, without a holder."""
    return name_of(raw) == LEASE and not _holder(raw)


def _holder(raw: Object | None) -> str:
    return get_str(get_map(raw, "spec"), "holderIdentity")

"""A real API server with its controllers and a kubelet as a stage for vectors."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from releaseflow.cache.cache import Cache
from releaseflow.cache.writer import ObjectVersion, Writer
from releaseflow.controllers.parse_jobs import job_facts, pod_facts
from releaseflow.controllers.parse_targets import target_facts
from releaseflow.controllers.run.locks import holder_uid
from releaseflow.core.facts import ABSENT
from releaseflow.kube.client import Client
from releaseflow.kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import (
    Object,
    get_str,
    has_finalizer,
    is_condition_true,
    is_deleting,
    name_of,
    resource_version_of,
    uid_of,
)
from releaseflow.workloads.registry import WORKLOADS
from tests.conformance import projection
from tests.conformance.interference import Somebody
from tests.conformance.language import Act, Answer, Change, Create, Delete, Finish, Named, People, Write
from tests.conformance.manifests import IMAGES, KEEPERS, KINDS, VECTOR, manifest
from tests.conformance.requests import REQUESTS, Sending

PATIENCE_SECONDS = 60.0
"""How long controllers may take to come to rest as expected."""
QUIET_SECONDS = 1.0
"""How long what is seen must stay so."""
PAUSE_SECONDS = 0.3
TRIES = 6
"""How often a write may meet a version that a controller has just moved."""
ANSWERS: dict[type[ApiError], Answer] = {
    NotFoundError: Answer.NOT_FOUND,
    AlreadyExistsError: Answer.ALREADY_EXISTS,
    ForbiddenError: Answer.REFUSED,
    InvalidError: Answer.REFUSED,
}


class ApiServerBackend:
    """The objects of one vector in a namespace."""

    def __init__(self, kube: Client, namespace: str, slug: str, finish: Callable[[str], Awaitable[None]]) -> None:
        self.kube, self.namespace, self.slug, self.finish = kube, namespace, slug, finish
        self.writer = Writer(kube, Cache())
        self.somebody = Somebody(kube, namespace, slug)
        self.first: dict[str, Object] = {}
        self.last: tuple[str, Object] = ("", {})

    async def do(self, act: Act) -> Answer:
        """Do something, and return the answer as the operator understands it."""
        match act:
            case Create():
                return await self._create(act)
            case Write() | Delete():
                return await self._write(act)
            case People(trouble):
                await self.somebody.do(trouble)
            case Finish():
                await self.finish(name_of((await self._pods())[-1]))
        return Answer.CHANGED

    async def answer_shows(self) -> str:
        """Return what the last answer itself showed."""
        return self._words(*self.last)

    async def seen(self, roles: Iterable[str], expected: dict[str, str]) -> dict[str, str]:
        """Wait until what is expected is seen, and stays; return what is seen in the end."""
        deadline, since = time.monotonic() + PATIENCE_SECONDS, 0.0
        while True:
            found = {role: await self._look(role) for role in roles}
            now = time.monotonic()
            since = (since or now) if found == expected and await self._is_taken_in() else 0.0
            if since and now > since + QUIET_SECONDS:
                return found
            if now > deadline:
                return found if found != expected else {"the controllers": f"restless for {PATIENCE_SECONDS:.0f} s"}
            await asyncio.sleep(PAUSE_SECONDS)

    async def leave(self) -> None:
        """Take away what the vector left, as far as it is in the way."""
        for role in self.first:
            await self.somebody.strip(KINDS[role], self._name(role))
        for pod in await self._pods():
            await self.somebody.strip(Resource.POD, name_of(pod))

    async def _create(self, act: Create) -> Answer:
        owner = next((self.first[word[3:]] for word in act.traits.split() if word.startswith("of-")), None)
        body = manifest(act, self._name(act.role), self.slug, owner)
        try:
            made = await self.writer.create(KINDS[act.role], self.namespace, body)
        except ApiError as error:
            return ANSWERS[type(error)]
        self.first.setdefault(act.role, made)
        return Answer.CHANGED

    async def _write(self, act: Write | Delete) -> Answer:
        """Send a write; again, where a controller had moved the version that it named as that of now."""
        for _ in range(TRIES):
            before = await self._now(act.role)
            base = before or self.first[act.role]
            try:
                answer = await self._send(act, base)
            except ConflictError:
                now = await self._now(act.role)
                if now is None:
                    # A uid in a replacement or in an apply of what is gone is a conflict; the operator looks again.
                    return Answer.NOT_FOUND
                if act.version is Named.NOW and resource_version_of(now) != resource_version_of(base):
                    continue
                return Answer.CONFLICT
            except ApiError as error:
                return ANSWERS[type(error)]
            self.last = (act.role, answer)
            return Answer.UNCHANGED if _is_as_before(answer, base) else Answer.CHANGED
        raise AssertionError(f"{act}: its object never rests")

    async def _send(self, act: Write | Delete, base: Object) -> Object:
        kind, first = KINDS[act.role], self.first.get(act.role, base)
        nobody = act.uid is Named.NOBODY and act.version is Named.NOBODY
        uid = uid_of(first if act.uid is Named.FIRST else base)
        version = resource_version_of(first if act.version is Named.FIRST else base)
        if isinstance(act, Delete):
            if nobody:
                return await self.somebody.delete(kind, act.role)
            return await self.kube.delete(kind, self.namespace, name_of(base), uid, version)
        if act.change is Change.TOUCH:
            assert nobody, "nobody touches with a precondition"
            return await self.somebody.touch(kind, act.role)
        at = ObjectVersion(kind, self.namespace, name_of(base), uid, version)
        return await REQUESTS[act.change](Sending(self.writer, at, base, self.first.get("run", base)))

    def _name(self, role: str) -> str:
        return f"{self.slug}-{role}"

    async def _now(self, role: str) -> Object | None:
        if role == "pods":
            pods = await self._pods()
            return pods[-1] if pods else None
        try:
            return await self.kube.get(KINDS[role], self.namespace, self._name(role))
        except NotFoundError:
            return None

    async def _pods(self) -> list[Object]:
        """Return the pods of the vector's Job, oldest first."""
        found = (await self.kube.list_objects(Resource.POD, self.namespace, f"{VECTOR}={self.slug}")).items
        return sorted(found, key=lambda raw: get_str(raw, "metadata", "creationTimestamp"))

    async def _look(self, role: str) -> str:
        if role != "pods":
            now = await self._now(role)
            return projection.GONE if now is None else self._words(role, now)
        seen = [pod_facts(raw, datetime.now(UTC)) for raw in await self._pods()]
        return projection.of_pods(pod for pod in seen if pod is not ABSENT)

    def _words(self, role: str, raw: Object) -> str:
        match KINDS[role]:
            case Resource.JOB:
                return projection.of_job(job_facts(raw))
            case kind if kind.is_workload:
                return projection.of_target(target_facts(WORKLOADS[kind.singular], raw), IMAGES)
            case _ if role == "lock":
                return projection.of_lock(holder=holder_uid(raw))
            case _:
                return projection.of_kept(deleting=is_deleting(raw), held=has_finalizer(raw, KEEPERS["held"]))

    async def _is_taken_in(self) -> bool:
        """Whether the Job's controller has seen how the Job stands: only then does a missing pod say anything."""
        job = await self._now("job") if "job" in self.first else None
        if job is None or is_deleting(job) or is_condition_true(job, "Complete") or is_condition_true(job, "Failed"):
            return True
        return (
            is_condition_true(job, "Suspended") if job["spec"]["suspend"] else bool(get_str(job, "status", "startTime"))
        )


def _is_as_before(answer: Object, before: Object) -> bool:
    """Whether a write changed nothing; what is gone with its last finalizer is answered in its last version."""
    gone = is_deleting(answer) and not answer["metadata"].get("finalizers") and is_deleting(before)
    return resource_version_of(answer) == resource_version_of(before) and not gone

"""One look at everything that a MigrationRun depends on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import FlowRead, RunRead, Unreadable, flow_of_run, flow_read, run_read
from releaseflow.controllers.parse_targets import images_of
from releaseflow.controllers.rejections import Refusals
from releaseflow.controllers.run.job_specs import Templates
from releaseflow.controllers.run.observe_jobs import jobs_look
from releaseflow.controllers.run.observe_lock import lock_look, lock_place
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.run.facts import FlowOfRun, RunObserved, WorkloadSeen
from releaseflow.kube.resources import Key, Kind
from releaseflow.kube.unstructured import Raw


@dataclass(frozen=True)
class RunLook:
    """What was seen of a run, and how soon to look again even if nothing is heard."""

    read: RunRead
    seen: RunObserved
    look_again: float | None


@dataclass(frozen=True)
class RunObserver:
    """Looks at runs."""

    operator_namespace: str
    templates: Templates
    clock: Callable[[], datetime]
    refusals: Refusals

    async def look(self, reader: Reader, key: Key) -> RunLook | Unreadable | Absent:
        """Look at a run; ABSENT where there is none."""
        raw = await reader.get(Kind.RUN, key.namespace, key.name)
        if raw is None:
            return ABSENT
        run = run_read(raw)
        if isinstance(run, Unreadable):
            return run
        flow = await _flow(reader, run)
        return flow if isinstance(flow, Unreadable) else await self._look(reader, run, flow)

    async def _look(self, reader: Reader, run: RunRead, flow: FlowOfRun | Absent) -> RunLook:
        now = self.clock()
        jobs = await jobs_look(reader, run, now)
        lock = await lock_look(reader, self.operator_namespace, run, jobs.pods, now)
        workload = await _workload(reader, run)
        seen = RunObserved(
            name=run.name,
            namespace=run.namespace,
            uid=run.uid,
            resource_version=run.resource_version,
            generation=run.generation,
            created=run.created,
            spec=run.spec,
            status=run.status,
            now=now,
            deleting=run.deleting,
            held=run.held,
            in_line=run.lock_label == lock_place(run).name,
            flow=flow,
            refused=self.refusals.stuck(Key(Kind.RUN, run.namespace, run.name)),
            lock=lock.lock,
            rivals=lock.rivals,
            keys_of_identity=lock.keys_of_identity,
            workload=_workload_seen(workload, run),
            jobs=jobs.jobs,
            past_jobs=jobs.past_jobs,
            pods=jobs.pods,
            client_image=self.templates.client_image,
            template_hashes=await self.templates.hashes(reader, run, workload) if workload is not None else (),
        )
        return RunLook(run, seen, jobs.look_again)


async def _flow(reader: Reader, run: RunRead) -> FlowOfRun | Unreadable | Absent:
    """Read the flow of a run; one that cannot be read is there all the same, and nothing is decided without it."""
    ref = run.spec.flow_ref
    raw = await reader.get(Kind.FLOW, run.namespace, ref.name) if ref is not None else None
    flow = flow_read(raw) if raw is not None else None
    if flow is None or flow.uid != run.flow_uid:
        return ABSENT
    return flow_of_run(flow, run) if isinstance(flow, FlowRead) else flow


async def _workload(reader: Reader, run: RunRead) -> Raw | None:
    """Read the workload to inherit from; a run that is over inherits nothing any more."""
    if run.status.outcome is not None:
        return None
    return await reader.get(Kind.DEPLOYMENT, run.namespace, run.spec.workload_ref.name)


def _workload_seen(workload: Raw | None, run: RunRead) -> WorkloadSeen | Absent:
    if workload is None:
        return ABSENT
    names = [name for name, _ in images_of(workload)]
    wanted = run.spec.workload_ref.container
    return WorkloadSeen(container_found=wanted in names if wanted else len(names) == 1)

"""The pods of a flow's targets, whatever makes them: no watch delivers these."""

from releaseflow.cache.reader import Reader
from releaseflow.controllers.parse_objects import ParsedFlow
from releaseflow.kube.resources import Resource
from releaseflow.unstructured import (
    Object,
    get_controller,
    get_list,
    get_map,
    get_str,
    is_condition_true,
    is_deleting,
    name_of,
    namespace_of,
    uid_of,
)
from releaseflow.workloads.registry import WORKLOADS
from releaseflow.workloads.workload import Workload

_MOST_PODS = 8
"""Names of old pods that a message has."""
_OVER = {"Complete", "Failed"}


async def pods_of(reader: Reader, workload: Workload, raw: Object) -> list[Object]:
    """Return the pods of a workload: by its labels or, where it selects by none, those that it owns."""
    return (await _pods_and_jobs(reader, workload, raw))[0]


async def old_pods(reader: Reader, flow: ParsedFlow) -> tuple[str, ...]:
    """Return the pods of the targets that have another image than the release, also those on their way out."""
    release, found = flow.status.release, set[str]()
    if release is None:
        return ()
    for status in flow.status.targets:
        workload = WORKLOADS[status.kind]
        raw = await reader.get(Resource.of_workload(status.kind), flow.namespace, status.name)
        if raw is None:
            continue
        names = {container.name for container in status.containers}
        pods, jobs = await _pods_and_jobs(reader, workload, raw)
        found |= {name_of(pod) for pod in pods if _is_old(pod, names, release.image)}
        found |= {name_of(job) for job in jobs if _makes_old(job, names, release.image)}
    return tuple(sorted(found)[:_MOST_PODS])


def image_ids_in(pod: Object, containers: tuple[str, ...]) -> set[str]:
    """Return the image IDs of these containers in a ready pod."""
    if is_deleting(pod) or not is_condition_true(pod, "Ready"):
        return set()
    statuses = get_list(pod, "status", "containerStatuses")
    return {get_str(s, "imageID") for s in statuses if get_str(s, "name") in containers and get_str(s, "imageID")}


async def _pods_and_jobs(reader: Reader, workload: Workload, raw: Object) -> tuple[list[Object], list[Object]]:
    """Return the pods of a workload and its Jobs, where it makes any; these are read last, so none is missed."""
    labels = workload.selector(raw)
    listing = await reader.list_live(Resource.POD, namespace_of(raw), labels)
    jobs = await _jobs_of(reader, raw) if workload.makes_jobs else []
    if labels:
        return listing, jobs
    names = {name_of(job) for job in jobs}
    return [pod for pod in listing if _job_of(pod) in names or workload.name_of_owner(pod) == name_of(raw)], jobs


async def _jobs_of(reader: Reader, raw: Object) -> list[Object]:
    """Return the Jobs that a workload has made, or that a person has made of it."""
    jobs = await reader.list_live(Resource.JOB, namespace_of(raw), {})
    return [job for job in jobs if get_str(get_controller(job), "uid") == uid_of(raw)]


def _job_of(pod: Object) -> str:
    owner = get_controller(pod)
    return get_str(owner, "name") if get_str(owner, "kind") == Resource.JOB.singular else ""


def _makes_old(job: Object, names: set[str], image: str) -> bool:
    """Whether a Job may make one more pod with another image: it is not over."""
    if any(is_condition_true(job, kind) for kind in _OVER):
        return False
    return _has_another(get_map(job, "spec", "template"), names, image)


def _is_old(pod: Object, names: set[str], image: str) -> bool:
    return get_str(pod, "status", "phase") not in {"Succeeded", "Failed"} and _has_another(pod, names, image)


def _has_another(pod: Object, names: set[str], image: str) -> bool:
    specs = (*get_list(pod, "spec", "initContainers"), *get_list(pod, "spec", "containers"))
    return any(get_str(spec, "name") in names and get_str(spec, "image") != image for spec in specs)

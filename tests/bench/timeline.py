"""How long a release took, and where the time went: in containers, before they run, and between Jobs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import Object, get_bool, get_list, get_map, get_str, name_of, uid_of
from tests.bench.objects import containers_of_pod
from tests.bench.observer import Observation


@dataclass(frozen=True)
class JobSpan:
    """A Job, in seconds of the observer's clock."""

    begin: float
    """When it could run."""
    runs: float
    """When its first container was seen to run."""
    ended: float
    """When its last container was seen to have ended."""


@dataclass(frozen=True)
class Timing:
    """A release, in seconds since it was ordered."""

    patched: float
    """Until the image stood in the Deployment."""
    rolled_out: float
    """Until the Deployment was rolled out."""
    first_job: float
    """Until the first Job was there."""
    starting: float
    """From the moment a Job could run until a container of it ran: scheduler and kubelet, all added up."""
    running: float
    """From its first container's start to its last one's end, all added up."""
    between: float
    """From the end of a Job's containers until the next Job could run, all added up."""
    last: float
    """From the end of the last Job's containers until the image stood in the Deployment."""

    @property
    def outside(self) -> float:
        """What the way of releasing costs beyond its Jobs."""
        return self.first_job + self.between + self.last


def timing(observations: list[Observation], ordered: float, patched: float, rolled_out: float) -> Timing:
    """Read a release from what was seen of its Jobs and pods since it was ordered."""
    spans = job_spans(observations)
    return Timing(
        patched=patched - ordered,
        rolled_out=rolled_out - ordered,
        first_job=spans[0].begin - ordered,
        starting=sum(span.runs - span.begin for span in spans),
        running=sum(span.ended - span.runs for span in spans),
        between=sum(after.begin - before.ended for before, after in pairwise(spans)),
        last=patched - spans[-1].ended,
    )


def job_spans(observations: list[Observation]) -> list[JobSpan]:
    """Return when each Job could run, and when its containers ran and had ended, in order."""
    begins: dict[str, float] = {}
    runs: dict[str, float] = {}
    ends: dict[str, float] = {}
    for seen in observations:
        if seen.kind is Resource.JOB and name_of(seen.raw) and not get_bool(seen.raw, "spec", "suspend"):
            begins.setdefault(uid_of(seen.raw), seen.at)
        if seen.kind is Resource.POD and any(get_str(status, "containerID") for status in _statuses(seen.raw)):
            runs.setdefault(_job_of(seen.raw), seen.at)
        if seen.kind is Resource.POD and containers_have_ended(seen.raw):
            ends.setdefault(_job_of(seen.raw), seen.at)
    spans = (JobSpan(begins[uid], runs[uid], end) for uid, end in ends.items() if uid in begins)
    return sorted(spans, key=lambda span: span.begin)


def containers_have_ended(pod: Object) -> bool:
    """Whether all containers of a pod have terminated, or one before the last has failed."""
    ended = [end for status in _statuses(pod) if (end := get_map(status, "state", "terminated"))]
    return bool(ended) and (len(ended) == len(containers_of_pod(pod)) or any(end.get("exitCode") for end in ended))


def _statuses(pod: Object) -> Iterator[Object]:
    for group in ("initContainerStatuses", "containerStatuses"):
        yield from get_list(pod, "status", group)


def _job_of(pod: Object) -> str:
    owners = get_list(pod, "metadata", "ownerReferences")
    return next((get_str(owner, "uid") for owner in owners if get_str(owner, "kind") == "Job"), "")

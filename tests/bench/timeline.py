"""How long a release took, and how much of that was not spent in its Jobs."""

from dataclasses import dataclass
from itertools import pairwise

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import get_bool, is_condition_true, name_of, uid_of
from tests.bench.observer import Observation


@dataclass(frozen=True)
class Timing:
    """A release, in seconds since it was ordered."""

    patched: float
    """Until the image stood in the Deployment."""
    rolled_out: float
    """Until the Deployment was rolled out."""
    first_job: float
    """Until the first Job was there."""
    between: float
    """From the end of a Job until the next one could run, all added up."""
    last: float
    """From the end of the last Job until the image stood in the Deployment."""

    @property
    def outside(self) -> float:
        """What the way of releasing costs beyond its Jobs."""
        return self.first_job + self.between + self.last


def timing(observations: list[Observation], ordered: float, patched: float, rolled_out: float) -> Timing:
    """Read a release from what was seen of its Jobs since it was ordered."""
    spans = job_spans(observations)
    gaps = [begin - end for (_, end), (begin, _) in pairwise(spans)]
    return Timing(
        patched=patched - ordered,
        rolled_out=rolled_out - ordered,
        first_job=spans[0][0] - ordered,
        between=sum(gaps),
        last=patched - spans[-1][1],
    )


def job_spans(observations: list[Observation]) -> list[tuple[float, float]]:
    """Return when each Job could run and when it was complete, in order."""
    begins: dict[str, float] = {}
    ends: dict[str, float] = {}
    for seen in observations:
        if seen.kind is Resource.JOB and name_of(seen.raw) and not get_bool(seen.raw, "spec", "suspend"):
            begins.setdefault(uid_of(seen.raw), seen.at)
        if seen.kind is Resource.JOB and is_condition_true(seen.raw, "Complete"):
            ends.setdefault(uid_of(seen.raw), seen.at)
    return sorted((begins[uid], end) for uid, end in ends.items())

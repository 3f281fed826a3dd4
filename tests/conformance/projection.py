"""What is seen of an object, in words: made from what the core reads, which both sides translate for themselves."""

from collections.abc import Iterable

from releaseflow.core.facts import ABSENT, Absent, JobFacts, PodFacts, PodPhase
from releaseflow.core.flow.facts import Fence, TargetFacts

GONE = "gone"
NO_PODS = "none"


def canonical(text: str) -> str:
    """Return words in an order of their own; a comma separates objects."""
    return ", ".join(sorted(" ".join(sorted(piece.split())) for piece in text.split(",")))


def of_kept(*, deleting: bool, held: bool = False) -> str:
    """Tell of an object whether it stays."""
    return _joined({"there": not deleting, "deleting": deleting, "held": held})


def of_lock(*, holder: str) -> str:
    """Tell of a lock whether somebody holds it."""
    return "taken" if holder else "free"


def of_job(seen: JobFacts) -> str:
    """Tell of a Job."""
    failed = f"failed {seen.failed_reason} {seen.failed_exit_code or ''}"
    return _joined(
        {
            of_kept(deleting=seen.deleting, held=seen.has_finalizer): True,
            "suspended": seen.suspended,
            "started": seen.start_time is not None,
            "edited": seen.edited,
            "complete": seen.complete,
            failed: seen.failed,
            "altered": bool(seen.altered),
        }
    )


def of_pods(seen: Iterable[PodFacts]) -> str:
    """Tell of the pods of a step."""
    return canonical(", ".join(map(_of_pod, seen))) or NO_PODS


def _of_pod(seen: PodFacts) -> str:
    ended = seen.phase in {PodPhase.SUCCEEDED, PodPhase.FAILED}
    return _joined(
        {
            seen.phase.value.lower(): True,
            "unstarted": ended and not any(container.started for container in seen.containers),
            "owned": bool(seen.job_uid),
            "deleting": seen.deleting,
            "held": seen.has_finalizer,
        }
    )


def of_target(seen: TargetFacts | Absent, images: dict[str, str]) -> str:
    """Tell of a target; `images` names what its container may run."""
    if seen is ABSENT:
        return GONE
    ((_, image),) = seen.images
    return _joined(
        {
            images[image]: True,
            seen.rollout.name.lower(): True,
            "fenced": isinstance(seen.fence, Fence),
            "restarted": bool(seen.restarted_for),
            "deleting": seen.deleting,
        }
    )


def _joined(words: dict[str, bool]) -> str:
    return canonical(" ".join(word for word, holds in words.items() if holds))

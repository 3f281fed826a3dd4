"""Names that are the same whoever derives them, and however often."""

import hashlib
import re

from releaseflow.api.v1alpha1.migration import TAG
from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.steps import StepType

LONGEST = 63
"""Characters that the name of a Job may have: it becomes a label of its pods."""
_HASH = 10
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VERSION = 12
"""Characters of a digest that are shown."""


def digest(*parts: str) -> str:
    """Return a short hash of some strings, none of which can run into the next."""
    text = "\0".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]


def run_name(flow_name: str, flow_uid: str, sequence: int, role: RunRole = RunRole.MIGRATION) -> str:
    """Return the name of a run of a release; only that of the migration does not say what it is for."""
    if role is RunRole.MIGRATION:
        return _joined(flow_name, str(sequence), digest(flow_uid, str(sequence)))
    word = _CAPITAL.sub("-", role.value).lower()
    return _joined(flow_name, str(sequence), word, digest(flow_uid, str(sequence), role.value))


def step_name(step: StepType) -> str:
    """Return the name of a run's step, as its Jobs have it in theirs."""
    return step.value.lower()


def job_name(run_name: str, run_uid: str, step: StepType, attempt: int) -> str:
    """Return the name of the Job of one attempt at a step."""
    return _joined(run_name, step_name(step), digest(run_uid, step.value, str(attempt)))


def hook_job_name(run_name: str, run_uid: str, hook: str) -> str:
    """Return the name of the Job of a hook: it has one attempt."""
    return _joined(run_name, hook, digest(run_uid, StepType.HOOK.value, hook))


def lock_name(namespace: str, lock_key: str) -> str:
    """Return the name of the lock of a database, unique in the operator's namespace."""
    return f"releaseflow-lock-{hashlib.sha256(f'{namespace}/{lock_key}'.encode()).hexdigest()[:20]}"


def repository(image: str) -> str:
    """Return an image's name without tag and digest; a port of its registry is no tag."""
    name = image.partition("@")[0]
    path, colon, tag = name.rpartition(":")
    return path if colon and "/" not in tag else name


def with_tag(image: str, released: str) -> str:
    """Return an image with the tag of the released one in place of `$(TAG)`."""
    return image.replace(TAG, _tag(released))


def short_version(image: str) -> str:
    """Return the version that an image names, for people: its tag, or the beginning of its digest."""
    return _tag(image) or image.partition("@")[2].rpartition(":")[2][:_VERSION] or "latest"


def _tag(image: str) -> str:
    name = image.partition("@")[0]
    return name.removeprefix(repository(name)).removeprefix(":")


def _joined(prefix: str, *rest: str) -> str:
    tail = "-".join(rest)
    room = LONGEST - len(tail) - 1
    return f"{prefix.replace('.', '-')[:room].rstrip('-')}-{tail}"

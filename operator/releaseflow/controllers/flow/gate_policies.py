"""Whether the admission policies are there that hold the targets of a flow with mode Gate."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from cachetools import TTLCache

from releaseflow.api.v1alpha1.metadata import GATE_POLICY, GATE_POLICY_OF_PODS
from releaseflow.cache.reader import Reader
from releaseflow.kube.errors import ForbiddenError
from releaseflow.kube.resources import OF_ADMISSION, Resource
from releaseflow.unstructured import Object, get_list
from releaseflow.workloads.registry import WORKLOADS

_SECONDS = 10.0
"""Seconds for which an answer holds: a flow at rest is not to ask each time."""
_MOST_ANSWERS = 64


@dataclass(frozen=True)
class GatePolicies:
    """Asks for the policies; an answer holds for some seconds."""

    _answers: TTLCache[frozenset[str], tuple[str, ...]] = field(
        default_factory=lambda: TTLCache(_MOST_ANSWERS, _SECONDS)
    )

    async def missing(self, reader: Reader, kinds: AbstractSet[str]) -> tuple[str, ...]:
        """Return the admission objects that are not there, or, of an older chart, do not hold these kinds."""
        asked = frozenset(kinds)
        if reader.live or asked not in self._answers:
            lacks = [await _what_is_missing(reader, kind, asked) for kind in OF_ADMISSION]
            self._answers[asked] = (*filter(None, lacks), *await _missing_for_pods(reader, asked))
        return self._answers[asked]


async def _what_is_missing(reader: Reader, kind: Resource, workloads: frozenset[str]) -> str:
    found = await _get(reader, kind, GATE_POLICY)
    if found is None:
        return kind.singular
    rules = get_list(found, "spec", "matchConstraints", "resourceRules")
    held = {resource for rule in rules for resource in rule.get("resources") or []}
    others = sorted(workload for workload in workloads if WORKLOADS[workload].plural not in held)
    return f"{kind.singular} for {' and '.join(others)}" if others and not kind.singular.endswith("Binding") else ""


async def _missing_for_pods(reader: Reader, workloads: frozenset[str]) -> list[str]:
    if not any(WORKLOADS[workload].refuses_pods for workload in workloads):
        return []
    needed = [kind for kind in OF_ADMISSION if kind.singular.startswith("Validating")]
    return [
        f"{kind.singular} {GATE_POLICY_OF_PODS}"
        for kind in needed
        if await _get(reader, kind, GATE_POLICY_OF_PODS) is None
    ]


async def _get(reader: Reader, kind: Resource, name: str) -> Object | None:
    """Return an admission object; one that may not be read is not known to be there."""
    try:
        return await reader.get_live(kind, "", name)
    except ForbiddenError:
        return None

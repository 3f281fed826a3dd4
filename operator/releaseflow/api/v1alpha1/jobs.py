"""What holds for the Job of every step."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from releaseflow.api.schema.base import GROUP, ApiModel, ObjectName
from releaseflow.api.schema.cel import FieldValueErrorReason, Rule, cel_string

_MOST = 8
"""Labels, and annotations, that a user may put on a pod: a rule that reads all their keys must stay affordable."""
_LONGEST_ANNOTATION, LONGEST_LABEL = 1024, 63
_KEY = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
_LABEL = r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
_TAKEN_PREFIXES = (
    f"{GROUP}/",
    "batch.kubernetes.io/",
    "argocd.argoproj.io/",
    "helm.sh/",
    "kustomize.toolkit.fluxcd.io/",
)
_TAKEN = ("app.kubernetes.io/instance", "job-name", "controller-uid")


def keys_of(names: str) -> str:
    """Return the rule, in CEL, that these names can be keys of labels."""
    return f"{names}.all(key, key.matches({cel_string(_KEY)}))"


KEYS = Rule(
    keys_of("self"),
    "has a key that Kubernetes does not take: write letters, digits, '-', '_' and '.', with a prefix and '/' before"
    " them or without, for example sidecar.istio.io/inject",
)
NOT_TAKEN = Rule(
    f"self.all(key, !(key in {list(_TAKEN)}) && {' && '.join(f'!key.startsWith({p!r})' for p in _TAKEN_PREFIXES)})",
    f"has a key by which a program finds what belongs to it ({', '.join((*_TAKEN, *_TAKEN_PREFIXES))}): the pod would"
    " be taken for its own; leave it out",
    reason=FieldValueErrorReason.FORBIDDEN,
)
LABEL_VALUES = Rule(
    f"self.all(key, self[key].matches({cel_string(_LABEL)}))",
    "has a value that is no label's: write at most 63 letters, digits, '-', '_' and '.', beginning and ending with a"
    " letter or digit",
)


def _as_pairs(given: Any) -> Any:
    return tuple(given.items()) if isinstance(given, Mapping) else given


def map_schema(longest: int) -> WithJsonSchema:
    """Return the schema of a map whose values have at most so many characters."""
    value = {"type": "string", "maxLength": longest}
    return WithJsonSchema({"type": "object", "maxProperties": _MOST, "additionalProperties": value})


Pairs: TypeAlias = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_as_pairs), PlainSerializer(dict)]
"""A map in YAML, and frozen here."""


class Jobs(ApiModel):
    """What holds for the Job of every step: check, backup and migration.

    For example `{podLabels: {db-client: "yes"}, priorityClassName: batch}`.
    """

    start_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 300
    """Seconds that a step's pod may take to start: image pull, missing Secret, no room, quota.

    Then the release is held with the reason, for example ImagePullFailed.
    """

    pod_annotations: Annotated[Pairs, map_schema(_LONGEST_ANNOTATION), KEYS, NOT_TAKEN] = ()
    """Annotations of the steps' pods, for example `{sidecar.istio.io/inject: "false"}`; none of the workload's are
    taken over."""

    pod_labels: Annotated[Pairs, map_schema(LONGEST_LABEL), KEYS, NOT_TAKEN, LABEL_VALUES] = ()
    """Labels of the steps' pods, for example those that a NetworkPolicy lets in to the database: `{db-client: "yes"}`.

    None of the workload's are taken over. Leave out those that a Service or the workload selects by: it would count the
    pods of the steps among its own.
    """

    priority_class_name: ObjectName | None = None
    """PriorityClass of the steps' pods, for example `batch`; the workload's own when left out."""

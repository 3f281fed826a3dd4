"""Targets that are chosen by their labels, in place of their names."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import FieldValueErrorReason, ListMap, ListSet, Rule
from releaseflow.api.v1alpha1.jobs import KEYS, LABEL_VALUES, LONGEST_LABEL, Pairs, keys_of, map_schema
from releaseflow.api.v1alpha1.workload import CAN_BE_HELD, WorkloadKind
from releaseflow.workloads.registry import DEFAULT_KIND

MOST_TARGETS = 32
"""Workloads that a release moves at most."""
HAS_TARGETS = "(has(self.targets) || has(self.targetSelector))"
"""Whether a flow has targets, in CEL."""
ARE_HELD = (
    f"with mode Gate a target must be held back, which only {', '.join(CAN_BE_HELD)} can be: name others in a"
    " flow with mode: Promote"
)
"""What the rules say of kinds that cannot be held, named or chosen."""


class SelectorOperator(StrEnum):
    """How a label is compared with values."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


LabelValue = Annotated[str, Field(max_length=LONGEST_LABEL)]
LabelKey = Annotated[str, Field(max_length=317), Rule(keys_of("[self]"), KEYS.message)]


class SelectorRequirement(ApiModel):
    """What has to hold of one label."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
            "In and NotIn compare with values, the others do not: write values: [web], or leave values out",
            field=".values",
        ),
    )

    key: LabelKey
    """Key of the label."""

    operator: SelectorOperator
    """How it is compared."""

    values: Annotated[tuple[LabelValue, ...], Field(max_length=16), ListSet()] = ()
    """Values of which the label has one, or none."""

    @property
    def text(self) -> str:
        """The requirement as kubectl takes it."""
        match self.operator:
            case SelectorOperator.IN | SelectorOperator.NOT_IN:
                return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
            case SelectorOperator.EXISTS:
                return self.key
            case SelectorOperator.DOES_NOT_EXIST:
                return f"!{self.key}"


class TargetSelector(ApiModel):
    """Which workloads get the image: those with these labels when a release starts, ordered by their names.

    For example `{matchLabels: {app.kubernetes.io/part-of: shop}}`. One that has no container with the repository of the
    image is left alone.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(has(self.matchLabels) && size(self.matchLabels) > 0)"
            " || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
            "an empty selector would choose every workload of the namespace: write matchLabels, for example"
            " {app.kubernetes.io/part-of: shop}",
            reason=FieldValueErrorReason.REQUIRED,
        ),
    )

    match_labels: Annotated[Pairs, map_schema(LONGEST_LABEL), LABEL_VALUES] = ()
    """Labels that a workload has, each with this value."""

    match_expressions: Annotated[tuple[SelectorRequirement, ...], Field(max_length=8), ListMap(("key",))] = ()
    """What else has to hold of its labels."""

    kinds: Annotated[tuple[WorkloadKind, ...], Field(min_length=1, max_length=8), ListSet()] = (DEFAULT_KIND,)
    """Kinds of workloads to choose among, for example `[Deployment, StatefulSet]`."""

    @property
    def text(self) -> str:
        """The selector as kubectl takes it."""
        labels = (f"{key}={value}" for key, value in self.match_labels)
        return ",".join((*labels, *(requirement.text for requirement in self.match_expressions)))


SELECTOR_RULES = (
    Rule(
        "!has(self.targets) || !has(self.targetSelector)",
        "targets are named or chosen by their labels: leave out targets, or targetSelector",
        field=".targetSelector",
        reason=FieldValueErrorReason.FORBIDDEN,
    ),
    Rule(
        "!has(self.targetSelector) || has(self.migration.workloadRef) || has(self.migration.runningContainer)",
        "chosen targets have no first one whose environment the migration could take: name a workload, for example"
        " workloadRef: {name: shop}",
        field=".migration.workloadRef",
        reason=FieldValueErrorReason.REQUIRED,
    ),
    Rule(
        f"self.mode != 'Gate' || !has(self.targetSelector) || self.targetSelector.kinds.all(k, k in {CAN_BE_HELD})",
        ARE_HELD,
        field=".targetSelector.kinds",
    ),
)
"""Hold for a flow."""

"""What a user may set on the pods of a run."""

from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Argument, KeyName, ObjectName
from releaseflow.api.schema.cel import ExactlyOne, FieldValueErrorReason, ListMap, Pattern, Rule
from releaseflow.engines.registry import CLIENTS

CPU = Pattern(
    r"^([0-9]+m|[0-9]+(\.[0-9]{1,3})?)$",
    "is not an amount of CPU: write cores or thousandths of one, for example 2 or 500m",
)
BYTES = Pattern(
    r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$",
    "is not an amount of memory or storage: write a number and Mi or Gi, for example 256Mi (256m would be a"
    " fraction of a byte)",
)
VARIABLE = Pattern(
    r"^[A-Za-z_][A-Za-z0-9_]*$",
    "is not a variable's name: write letters, digits and '_', not beginning with a digit, for example LOG_LEVEL",
)
_RESERVED = tuple(dict.fromkeys(client.session.variable for client in CLIENTS.values()))
NOT_RESERVED = Rule(
    f"!(self in {list(_RESERVED)}) && !self.startsWith('RELEASEFLOW_')",
    "is set by the operator: leave it out here, and take another name; spec.database says how the database is reached",
    reason=FieldValueErrorReason.FORBIDDEN,
)
_NAME = (
    f"Name of the variable, for example `LOG_LEVEL`. {', '.join(_RESERVED)} and names that begin with RELEASEFLOW_ are"
    " set by the operator."
)
COMPUTE_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def _no_limit_below_its_request(resource: str) -> Rule:
    name = resource.replace("-", "__dash__")
    given = " && ".join(f"has(self.{part}) && has(self.{part}.{name})" for part in ("requests", "limits"))
    return Rule(
        f"!({given}) || quantity(self.limits.{name}).compareTo(quantity(self.requests.{name})) >= 0",
        f"limits {resource} below its request: raise limits.{resource}, or lower requests.{resource}",
    )


class SecretKeyRef(ApiModel):
    """One key of a Secret in the namespace of the object that names it."""

    name: ObjectName
    """Name of the Secret, for example `shop-db`."""

    key: KeyName
    """Key in the Secret whose value is meant, for example `url`."""


class ConfigMapKeyRef(ApiModel):
    """One key of a ConfigMap in the namespace of the object that names it."""

    name: ObjectName
    """Name of the ConfigMap, for example `shop-settings`."""

    key: KeyName
    """Key in the ConfigMap whose value is meant, for example `region`."""


class EnvVarSource(ApiModel):
    """Source of the variable's value; exactly one of secretKeyRef and configMapKeyRef.

    For example `{secretKeyRef: {name: shop-api, key: token}}`.
    """

    union = ExactlyOne(
        ("secretKeyRef", "configMapKeyRef"),
        "needs exactly one of secretKeyRef and configMapKeyRef, for example secretKeyRef:"
        " {name: shop-api, key: token}; there are no other sources",
    )

    secret_key_ref: SecretKeyRef | None = None
    """Take the value from a Secret, for example `{name: shop-api, key: token}`."""

    config_map_key_ref: ConfigMapKeyRef | None = None
    """Take the value from a ConfigMap, for example `{name: shop-settings, key: region}`."""


class EnvVar(ApiModel):
    """An environment variable of a container; exactly one of value and valueFrom."""

    union = ExactlyOne(
        ("value", "valueFrom"), "needs exactly one of value and valueFrom; for an empty variable write value: ''"
    )

    name: Annotated[str, Field(max_length=253, description=_NAME), VARIABLE, NOT_RESERVED]

    value: Argument | None = None
    """The value itself, for example `debug`. Put nothing secret into it."""

    value_from: EnvVarSource | None = None


class ResourceAmounts(ApiModel):
    """An amount of each compute resource; other resources cannot be asked for."""

    cpu: Annotated[str, Field(max_length=32), CPU] | None = None
    """CPU in cores or thousandths of one, for example `500m`."""

    memory: Annotated[str, Field(max_length=32), BYTES] | None = None
    """Memory, for example `256Mi`."""

    ephemeral_storage: Annotated[str, Field(max_length=32), BYTES] | None = Field(None, alias="ephemeral-storage")
    """Room on the node's own disk, for example `1Gi`."""


class Resources(ApiModel):
    """Compute resources of a container, as in a Deployment.

    For example `{requests: {memory: 256Mi}, limits: {memory: 1Gi}}`. Whatever is given of a resource, its request or
    its limit, takes the place of both as they would be otherwise; a resource that is not named stays as it is.
    """

    rules: ClassVar[tuple[Rule, ...]] = tuple(_no_limit_below_its_request(name) for name in COMPUTE_RESOURCES)

    requests: ResourceAmounts = ResourceAmounts()
    """What the node must have free, for example `{cpu: 100m, memory: 256Mi}`."""

    limits: ResourceAmounts = ResourceAmounts()
    """What the container may use at most, for example `{memory: 1Gi}`.

    A migration whose CPU is limited is throttled, and holds its locks longer.
    """


class PodOptions(ApiModel):
    """What a user may set on a pod; what holds when a field is left out depends on the pod."""

    env: Annotated[tuple[EnvVar, ...], Field(max_length=64), ListMap(("name",))] = ()
    """More environment variables for the containers, for example `[{name: PGCONNECT_TIMEOUT, value: "30"}]`.

    One of a name that the container has already takes its place. When left out, there are none.
    """

    resources: Resources = Resources()
    """Compute resources of each container, for example `{limits: {memory: 1Gi}}`."""

    service_account_name: ObjectName | None = None
    """ServiceAccount of the pod; its token is mounted only if a name is given here."""

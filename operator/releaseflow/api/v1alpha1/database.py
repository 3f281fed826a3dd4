"""Which database a flow or a run is about, and what it says of its schema."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, ImageName, ObjectName, ShortText
from releaseflow.api.schema.cel import AtMostOne, EnumOf, FieldValueErrorReason, ListSet, Pattern, Rule
from releaseflow.api.v1alpha1.connection import DEFAULT_VARIABLE, FromEnv, Parameters
from releaseflow.api.v1alpha1.pods import NOT_RESERVED, VARIABLE, PodOptions, Resources, SecretKeyRef
from releaseflow.engines.registry import CLIENTS, DEFAULT_ENGINE, ENGINES

LOCK_KEY = Pattern(
    r"^([a-zA-Z0-9]([-a-zA-Z0-9._/]*[a-zA-Z0-9])?)?$",
    "is not a lock's name: write letters, digits, '-', '_', '.' and '/', beginning and ending with a letter or digit,"
    " for example shop; or leave lockKey out",
)
_EACH = " ".join(f"{engine.name}: {engine.says}." for engine in ENGINES.values())
_ENGINES = f"Kind of the database's server, which says what ReleaseFlow can do with it. {_EACH}"
_NO_CLIENT = sorted(ENGINES.keys() - CLIENTS.keys())
_ONE_WAY = (
    "takes one way to the database at the most: write fromEnv: {url: SHOP_DB_URL}, or urlSecretRef: {name: shop-db,"
    " key: url}, or parameters; or none of them where the application reads DATABASE_URL"
)
_URL = f"""A Secret with another connection URL than the application's own, for example to migrate as another user.

For example `{{name: shop-migrator, key: url}}`; the value is like `{ENGINES[DEFAULT_ENGINE].url}`. The
check and the migration get it under the names in urlEnvNames, in place of the application's own variables; the operator
never reads it."""
_URL_ENV_NAMES = f"""Variables of check and migration that get urlSecretRef's URL; `[{DEFAULT_VARIABLE}]` when left out.

For example `[DIRECT_URL, DATABASE_URL]`, which sets both. With `[]` the application's environment stays as it is."""
EnvName = Annotated[str, Field(max_length=253), VARIABLE, NOT_RESERVED]
Way: TypeAlias = FromEnv | SecretKeyRef | Parameters


class DatabaseClient(PodOptions):
    """The containers with the database's client programs: they back up, and report on the database after a migration.

    Left out as a rule: the operator's own image and small resources do. For a large database, for example
    `{resources: {limits: {memory: 2Gi}}}`. A change of client starts no release.
    """

    resources: Resources = Resources()
    """Compute resources of each container, for example `{limits: {memory: 2Gi}}`.

    What is left out is the operator's default: 50m of CPU and 64Mi of memory requested, 512Mi of memory at most.
    """

    service_account_name: ObjectName | None = None
    """ServiceAccount of the backup's pod, for example one that a cloud lets in to the database.

    Its token is mounted only if a name is given here. When left out: the namespace's default account or, with
    migration.sidecars, that of the workload. The report runs in the migration's pod, under that pod's account.
    """

    image: ImageName | None = None
    """Image with the database's client programs, for example `ghcr.io/acme/releaseflow-client:17`.

    When left out: the one that the operator was installed with. It is built from the operator's client image, and has a
    client of the server's major version or newer.
    """


class Database(ApiModel):
    """The database to migrate, and how ReleaseFlow's own containers reach it; may be left out altogether.

    Then it is the one of the application's own variable DATABASE_URL: `{fromEnv: {url: DATABASE_URL}}`. Where the
    application reads other variables, name them in fromEnv; urlSecretRef and parameters are for a connection that its
    container does not have. One run at a time touches the database. After a failed or interrupted migration nothing
    more is started on it until a person says so with the annotation releaseflow.dev/retry.
    """

    union = AtMostOne(("fromEnv", "urlSecretRef", "parameters"), _ONE_WAY)

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.urlEnvNames) || has(self.urlSecretRef)",
            "names the variables for the URL of urlSecretRef, and there is none: leave it out, or write urlSecretRef;"
            " to name a variable that the application has, write fromEnv: {url: SHOP_DB_URL}",
            field=".urlEnvNames",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
    )

    engine: Annotated[str, EnumOf(tuple(ENGINES)), Field(description=_ENGINES)] = DEFAULT_ENGINE
    from_env: FromEnv | None = None
    url_secret_ref: Annotated[SecretKeyRef | None, Field(description=_URL)] = None
    url_env_names: Annotated[tuple[EnvName, ...] | None, Field(max_length=5, description=_URL_ENV_NAMES), ListSet()] = (
        None
    )
    parameters: Parameters | None = None

    client: DatabaseClient = DatabaseClient()

    lock_key: Annotated[str, Field(max_length=253), LOCK_KEY] = ""
    """Name of the lock that lets one run at a time touch this database, for example `shop`.

    Flows and runs of one namespace that use one database must say the same key. When left out, with fromEnv: the
    workload's kind and name, and the variable; with urlSecretRef: the Secret's name and key; with parameters: the
    host and the database's name, as they are written here.
    """

    @property
    def way(self) -> Way:
        """The one way to the database, the default filled in."""
        return next(iter(self._ways), FromEnv(url=DEFAULT_VARIABLE))

    @property
    def with_way(self) -> Self:
        """The same, with its way written out."""
        return self if self._ways else self.model_copy(update={"from_env": self.way})

    @property
    def replaced_variables(self) -> tuple[str, ...]:
        """The application's variables that our URL takes the place of."""
        if self.url_secret_ref is None:
            return ()
        return (DEFAULT_VARIABLE,) if self.url_env_names is None else self.url_env_names

    @property
    def _ways(self) -> list[Way]:
        ways: list[Way | None] = [self.from_env, self.url_secret_ref, self.parameters]
        return [way for way in ways if way is not None]


class SchemaStatus(ApiModel):
    """The database's own word on its schema."""

    version: ShortText = ""
    """The migration tool's bookkeeping, in one line; empty where none was found."""

    fingerprint: Annotated[str, Field(max_length=64)] = ""
    """Hash of all tables, columns, indexes, constraints, views, functions and types."""


class LeftBehind(StrEnum):
    """What a migration that did not succeed left in the database."""

    CLEAN = "Clean"
    """Schema and bookkeeping are as they were before it; rows were not compared."""
    DIRTY = "Dirty"
    """Schema or bookkeeping differ from what they were before it."""
    UNKNOWN = "Unknown"
    """The database was not asked, or its answer does not tell."""


REPLACED_IS_RESERVED = Rule(
    "!has(self.database.urlSecretRef) || !has(self.migration.env) || !self.migration.env.exists(v, v.name in"
    f" (has(self.database.urlEnvNames) ? self.database.urlEnvNames : ['{DEFAULT_VARIABLE}']))",
    "has a variable that holds the URL of spec.database.urlSecretRef: leave it out here, or out of"
    " spec.database.urlEnvNames",
    field=".migration.env",
    reason=FieldValueErrorReason.FORBIDDEN,
)
"""Holds for what has a database and a migration."""


def needs_container(inherits: str) -> Rule:
    """Return the rule that the application's variables are named only where there is a container that has them.

    Args:
        inherits: When an object names a workload to inherit from, in CEL.
    """
    return Rule(
        f"{inherits} || has(self.database.urlSecretRef) || has(self.database.parameters)"
        f" || self.database.engine in {_NO_CLIENT}",
        "there is no workload whose variables lead to the database: write urlSecretRef: {name: shop-db, key: url}, or"
        " parameters; or name the workload in migration.workloadRef",
        field=".database",
    )

"""Ways to a database: variables of the application, a Secret with a URL, or a source for each part."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.schema.cel import ExactlyOne, FieldValueErrorReason, Pattern, Rule
from releaseflow.api.v1alpha1.pods import ConfigMapKeyRef, SecretKeyRef

DEFAULT_VARIABLE = "DATABASE_URL"
"""Variable with the connection URL where nothing else is said."""
PARTS = ("host", "port", "username", "password", "database", "options")
"""What a connection is made of where there is no URL, as the fields are called."""

INHERITED_VARIABLE = Pattern(
    r"^[-._a-zA-Z0-9]+$",
    "is not a variable's name: write the name under which the application's container has it, for example SHOP_DB_URL",
)
VariableName = Annotated[str, Field(max_length=253), INHERITED_VARIABLE]
_NEEDS = (
    "needs url, the variable with the whole connection URL, for example {url: SHOP_DB_URL}; or host and the others, for"
    " example {host: DB_HOST, username: DB_USER, password: DB_PASSWORD, database: DB_NAME}"
)
_OPTIONS = "as behind the `?` of a URL, for example `sslmode=require&connect_timeout=5`; none when left out"


class FromEnv(ApiModel):
    """Names of variables of the application's container: its connection is that of the backup, too.

    Write `{url: SHOP_DB_URL}` where one variable has the whole URL, or `{host: DB_HOST, port: DB_PORT, username:
    DB_USER, password: DB_PASSWORD, database: DB_NAME}` where there is one for each part. When all three ways are left
    out, it is `{url: DATABASE_URL}`. The container is that of migration.workloadRef, or the first released one of the
    first target. The operator copies where a variable comes from (a Secret, a ConfigMap, other variables), also by
    envFrom, and never reads its value. A variable that the container does not have is reported: ConnectionNotFound.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.url) != has(self.host)",
            _NEEDS,
        ),
        Rule(
            f"!has(self.url) || !({' || '.join(f'has(self.{part})' for part in PARTS[1:])})",
            f"url has everything in it: leave out {', '.join(PARTS[1:])}; or leave out url",
            field=".url",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            "!has(self.host) || has(self.database)",
            "names no variable with the database's name: write it too, for example database: DB_NAME",
            field=".database",
            reason=FieldValueErrorReason.REQUIRED,
        ),
    )

    url: VariableName | None = None
    """Variable with the whole connection URL, for example `DATABASE_URL`; with it, leave out all others."""

    host: VariableName | None = None
    """Variable with the server's name or address, for example `DB_HOST`; with it, `database` is needed too."""

    port: VariableName | None = None
    """Variable with the server's port, for example `DB_PORT`; the engine's usual one when left out."""

    username: VariableName | None = None
    """Variable with the user's name, for example `DB_USER`; the client program's own default when left out."""

    password: VariableName | None = None
    """Variable with the password, for example `DB_PASSWORD`; none is sent when left out.

    It is the password as it is: nothing has to be percent-encoded.
    """

    database: VariableName | None = None
    """Variable with the name of the database on the server, for example `DB_NAME`; needed beside `host`."""

    options: Annotated[VariableName | None, Field(description=f"Variable with options, {_OPTIONS}.")] = None

    @model_validator(mode="after")
    def _names_what_is_needed(self) -> Self:
        if self.url is None and (self.host is None or self.database is None):
            raise ValueError(_NEEDS)
        return self

    @property
    def named(self) -> dict[str, str]:
        """The variables by what they hold: `url`, or the parts."""
        given = {part: getattr(self, part) for part in (PARTS if self.url is None else ("url",))}
        return {part: name for part, name in given.items() if name is not None}


class Parameter(ApiModel):
    """A part of a connection; exactly one of value, secretKeyRef and configMapKeyRef."""

    union = ExactlyOne(
        ("value", "secretKeyRef", "configMapKeyRef"),
        "needs exactly one of value, secretKeyRef and configMapKeyRef, for example secretKeyRef:"
        " {name: shop-db, key: host}",
    )

    value: Annotated[str, Field(max_length=1024)] | None = None
    """The value itself, as it is, for example `shop-db.shop.svc`. Put nothing secret into it."""

    secret_key_ref: SecretKeyRef | None = None
    """Take the value from a Secret, for example `{name: shop-db, key: password}`."""

    config_map_key_ref: ConfigMapKeyRef | None = None
    """Take the value from a ConfigMap, for example `{name: shop-db, key: host}`."""


class Parameters(ApiModel):
    """A source for each part of the connection, as operators of databases write them into a Secret.

    For example `{host: {value: shop-db}, database: {value: shop}, username: {secretKeyRef: {name: shop-db, key: user}},
    password: {secretKeyRef: {name: shop-db, key: password}}}`. They are for ReleaseFlow's own containers, which back up
    and report: the application's have its own environment, and `migration.env`. No URL is built from them, so nothing
    has to be percent-encoded.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.password) || !has(self.password.value)",
            "would be readable by whoever reads this object: write it into a Secret, and password: {secretKeyRef:"
            " {name: shop-db, key: password}}",
            field=".password.value",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
    )

    host: Parameter
    """The server's name or address, for example `{value: shop-db.shop.svc}`."""

    port: Parameter | None = None
    """The server's port, for example `{value: "5433"}`; the engine's usual one when left out."""

    username: Parameter | None = None
    """The user's name, for example `{secretKeyRef: {name: shop-db, key: user}}`.

    When left out: the client program's own default.
    """

    password: Parameter | None = None
    """The password, for example `{secretKeyRef: {name: shop-db, key: password}}`; none is sent when left out."""

    database: Parameter
    """The name of the database on the server, for example `{value: shop}`."""

    options: Annotated[Parameter | None, Field(description=f"Options, {_OPTIONS}.")] = None

    @property
    def given(self) -> dict[str, Parameter]:
        """The parts that are given, by name."""
        parts = {part: getattr(self, part) for part in PARTS}
        return {part: parameter for part, parameter in parts.items() if parameter is not None}

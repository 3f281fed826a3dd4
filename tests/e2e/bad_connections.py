"""What users get wrong in the way to the database, and the words that the API server answers with."""

from typing import Any

from tests.e2e.bad_objects import NOT_A_KEY, NOT_A_NAME, Bad, flow, run
from tests.e2e.objects import ABSENT

ONE_WAY = "takes one way to the database at the most: write fromEnv: {url: SHOP_DB_URL}"
ONE_FORM = "needs url, the variable with the whole connection URL, for example {url: SHOP_DB_URL}; or host"
ONE_SOURCE = "needs exactly one of value, secretKeyRef and configMapKeyRef, for example secretKeyRef: {name: shop-db"
NOT_A_VARIABLE = "is not a variable's name: write the name under which the application's container has it"
NO_CONTAINER = (
    "there is no workload whose variables lead to the database: write urlSecretRef: {name: shop-db, key: url}"
)
URL = {"name": "shop-db", "key": "url"}
HOST, DATABASE = {"value": "db"}, {"value": "shop"}


def way(mistake: str, database: object, field: str, words: str) -> Bad:
    """A mistake in the way to the database of a flow."""
    return flow(f"database: {mistake}", {"database": database}, f"spec.database{field}", words)


def variables(mistake: str, given: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in the names of the application's variables."""
    return way(mistake, {"fromEnv": given}, f".fromEnv{field}", words)


def parameter(mistake: str, given: dict[str, Any], field: str, words: str) -> Bad:
    """A mistake in the parts of a connection."""
    parameters = {"host": HOST, "database": DATABASE, **given}
    kept = {part: source for part, source in parameters.items() if source is not ABSENT}
    return way(mistake, {"parameters": kept}, f".parameters{field}", words)


BAD_CONNECTIONS = [
    way("as text", "DATABASE_URL", "", "must be of type object"),
    way("two ways", {"fromEnv": {"url": "A"}, "urlSecretRef": URL}, "", ONE_WAY),
    way("two others", {"urlSecretRef": URL, "parameters": {"host": HOST, "database": DATABASE}}, "", ONE_WAY),
    way("URL of an object as text", {"urlSecretRef": "shop-db"}, ".urlSecretRef", "must be of type object"),
    way(
        "names for no URL", {"urlEnvNames": ["A"]}, ".urlEnvNames", "there is none: leave it out, or write urlSecretRef"
    ),
    way(
        "names for a variable's URL",
        {"fromEnv": {"url": "A"}, "urlEnvNames": ["A"]},
        ".urlEnvNames",
        "to name a variable that the application has, write fromEnv: {url: SHOP_DB_URL}",
    ),
    way("a name twice", {"urlSecretRef": URL, "urlEnvNames": ["A", "A"]}, ".urlEnvNames[1]", "Duplicate value"),
    way("six names", {"urlSecretRef": URL, "urlEnvNames": list("ABCDEF")}, ".urlEnvNames", "at most 5 items"),
    way(
        "a name with a dash", {"urlSecretRef": URL, "urlEnvNames": ["DB-URL"]}, ".urlEnvNames[0]", "is not a variable's"
    ),
    way(
        "a name of ours",
        {"urlSecretRef": URL, "urlEnvNames": ["PGAPPNAME"]},
        ".urlEnvNames[0]",
        "is set by the operator",
    ),
    variables("names nothing", {}, "", ONE_FORM),
    variables("URL and host", {"url": "A", "host": "B", "database": "C"}, "", ONE_FORM),
    variables("URL and port", {"url": "A", "port": "B"}, ".url", "url has everything in it: leave out port, username"),
    variables("no host", {"database": "DB_NAME"}, "", ONE_FORM),
    variables("no database", {"host": "DB_HOST"}, ".database", "names no variable with the database's name"),
    variables("a reference", {"url": "$(DATABASE_URL)"}, ".url", NOT_A_VARIABLE),
    variables("a URL itself", {"url": "postgres://u:p@db/shop"}, ".url", NOT_A_VARIABLE),
    variables("empty", {"url": ""}, ".url", NOT_A_VARIABLE),
    variables("too long", {"url": "A" * 254}, ".url", "may not be more than 253"),
    variables("a source", {"url": {"secretKeyRef": URL}}, ".url", "unknown field"),
    parameter("no host", {"host": ABSENT}, ".host", "Required value"),
    parameter("no database", {"database": ABSENT}, ".database", "Required value"),
    parameter("as text", {"host": "db"}, ".host", "must be of type object"),
    parameter("no source", {"port": {}}, ".port", ONE_SOURCE),
    parameter("two sources", {"port": {"value": "1", "secretKeyRef": URL}}, ".port", ONE_SOURCE),
    parameter("a number", {"port": {"value": 5432}}, ".port.value", "must be of type string"),
    parameter("a password", {"password": {"value": "x"}}, ".password.value", "would be readable by whoever reads this"),
    parameter(
        "bad Secret",
        {"username": {"secretKeyRef": {"name": "S", "key": "k"}}},
        ".username.secretKeyRef.name",
        NOT_A_NAME,
    ),
    parameter(
        "bad key",
        {"username": {"configMapKeyRef": {"name": "s", "key": "a b"}}},
        ".username.configMapKeyRef.key",
        NOT_A_KEY,
    ),
    parameter("too long", {"host": {"value": "a" * 1025}}, ".host.value", "may not be more than 1024"),
    flow(
        "variable with our URL",
        {"migration.env": [{"name": "DATABASE_URL", "value": "x"}]},
        "spec.migration.env",
        "has a variable that holds the URL of spec.database.urlSecretRef: leave it out here",
    ),
    flow(
        "another variable with our URL",
        {"database.urlEnvNames": ["DIRECT_URL"], "migration.env": [{"name": "DIRECT_URL", "value": "x"}]},
        "spec.migration.env",
        "or out of spec.database.urlEnvNames",
    ),
    flow("no container with variables", {"database": ABSENT, "targets": ABSENT}, "spec.database", NO_CONTAINER),
    run(
        "no container with variables",
        {"database": {"fromEnv": {"url": "A"}}, "migration": {"tool": "Django"}},
        "spec.database",
        NO_CONTAINER,
    ),
    run("two ways", {"database": {"fromEnv": {"url": "A"}, "urlSecretRef": URL}}, "spec.database", ONE_WAY),
]
GOOD_CONNECTIONS: dict[str, dict[str, Any]] = {
    "no database": {"database": ABSENT},
    "only an engine": {"database": {"engine": "PostgreSQL"}},
    "another variable": {"database": {"fromEnv": {"url": "SHOP_DB_URL"}}},
    "a variable with a dot": {"database": {"fromEnv": {"url": "db.url-1"}}},
    "separate variables": {"database": {"fromEnv": {"host": "H", "port": "P", "username": "U", "database": "D"}}},
    "no variable replaced": {"database": {"urlSecretRef": URL, "urlEnvNames": []}},
    "two variables replaced": {"database": {"urlSecretRef": URL, "urlEnvNames": ["DIRECT_URL", "DATABASE_URL"]}},
    "a variable of the migration": {
        "database": ABSENT,
        "migration.env": [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": URL}}],
    },
    "an engine that needs no variables": {
        "database": {"engine": "Other"},
        "targets": ABSENT,
        "backup": {"none": {"acknowledge": "DataMayBeLost"}},
    },
    "parts of Zalando's Secret": {
        "database": {"parameters": {"host": HOST, "database": DATABASE, "password": {"secretKeyRef": URL}}},
    },
}

"""Ways in which a team gives an application its connection, and how its flow names it."""

from dataclasses import dataclass, field
from urllib.parse import quote

from tests.e2e.stories.database import Database, psql
from tests.e2e.stories.shop import Raw, Shop, image

SPECIAL = "".join(map(chr, range(32, 127))) + "$(DB_HOST)$$(X)%41"
"""Every character that ASCII prints, and what a kubelet, a shell or a URL would read as something else."""
BUILDS_ITS_URL = """
import os, sys
from urllib.parse import quote
part = {key: quote(os.environ[name], safe="") for key, name in zip("hudpw", sys.argv[1].split(","))}
os.environ["DATABASE_URL"] = "postgresql://{u}:{w}@{h}:{p}/{d}".format(**part)
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""An application that is told host, user, database, port and password, each in a variable of its own."""
READS_ANOTHER = """
import os, sys
os.environ["DATABASE_URL"] = os.environ["SHOP_DB_URL"]
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""An application that knows nothing of DATABASE_URL."""


@dataclass(frozen=True)
class Connection:
    """How the shop's container and the flow of a team get to the database."""

    database: Raw = field(default_factory=dict)
    """The flow's field of that name; empty where it is left out."""
    env: tuple[Raw, ...] = ()
    env_from: tuple[Raw, ...] = ()
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    config_maps: dict[str, dict[str, str]] = field(default_factory=dict)
    started_by: tuple[str, ...] = ()
    """What stands before the application's own words."""

    def deploy(self, shop: Shop) -> None:
        """Deploy the shop so."""
        for name, data in self.secrets.items():
            shop.apply("v1", "Secret", name, stringData=data)
        for name, data in self.config_maps.items():
            shop.apply("v1", "ConfigMap", name, data=data)
        container: Raw = {"env": [{"name": "SECRET_KEY", "value": "for-the-stories-only"}, *self.env]}
        container |= {"envFrom": list(self.env_from)} if self.env_from else {}
        container |= {"command": [*self.started_by, "gunicorn"]} if self.started_by else {}
        shop.deploy("v1", **container)
        shop.kubectl("rollout", "status", "deployment/shop", "--timeout=60s")

    def flow(self, shop: Shop, version: str) -> None:
        """Apply a flow that names the connection so, with the tool's own commands behind the application's start."""
        migration: Raw = {"tool": "Django", "compatibility": "Additive"}
        if self.started_by:
            manage = [*self.started_by, "python3", "manage.py", "migrate"]
            migration = {"command": [*manage, "--noinput"], "check": {"command": [*manage, "--check"]}}
        spec: Raw = {
            "image": image(version),
            "targets": [{"name": "shop"}],
            "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
            "migration": migration,
            **({"database": self.database} if self.database else {}),
        }
        shop.apply("releaseflow.dev/v1alpha1", "ReleaseFlow", "shop", spec=spec)


def from_secret(variable: str, secret: str, key: str) -> Raw:
    """Return a variable that comes from a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def from_config_map(variable: str, config_map: str, key: str) -> Raw:
    """Return a variable that comes from a ConfigMap."""
    return {"name": variable, "valueFrom": {"configMapKeyRef": {"name": config_map, "key": key}}}


def parts(database: Database, user: str, password: str) -> dict[str, str]:
    """Return what a connection is made of."""
    host = f"postgres.{database.server.namespace}"
    return {"host": host, "port": "5432", "username": user, "password": password, "database": database.name}


def url_of(given: dict[str, str]) -> str:
    """Return the connection URL of parts."""
    user, password = (quote(given[part], safe="") for part in ("username", "password"))
    return f"postgresql://{user}:{password}@{given['host']}:{given['port']}/{given['database']}"


def make_user(database: Database, name: str, password: str) -> None:
    """Make a user who may do everything."""
    psql(database.server, "postgres", f"create role {name} superuser login password {_literal(password)}")


def drop_user(database: Database, name: str) -> None:
    """Drop a user, and give what is theirs to nobody."""
    psql(database.server, database.name, f"drop owned by {name}; drop role {name}")


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def key_of(secret: str, key: str) -> Raw:
    """Return a source of a parameter in a Secret."""
    return {"secretKeyRef": {"name": secret, "key": key}}

"""One real PostgreSQL server for all stories, and a database of its own for each."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.waiting import until

NAMESPACE = "story-databases"
IMAGE = "localhost/releaseflow/postgres:15"
USER = "story"
PASSWORD = "st/ry:p@ss%"  # noqa: S105 - made for the tests; its characters need percent-encoding


@dataclass(frozen=True)
class Database:
    """A database on the stories' server."""

    server: Kubectl
    name: str

    @property
    def url(self) -> str:
        """The connection URL, as an application gets it."""
        host = f"postgres.{self.server.namespace}"
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@{host}:5432/{self.name}"

    def ask(self, query: str) -> list[str]:
        """Return the rows of a query, columns joined by `|`."""
        return psql(self.server, self.name, query)

    def create(self, template: str = "template0") -> "Database":
        """Create the database; a template's tables and rows come along."""
        psql(self.server, "postgres", f'create database "{self.name}" template "{template}"')
        return self

    def drop(self) -> None:
        """Drop the database, whoever is connected to it."""
        psql(self.server, "postgres", f'drop database if exists "{self.name}" with (force)')

    def dump(self) -> str:
        """Return schema and data as text, for comparison row by row."""
        command = ("pg_dump", "-h", "127.0.0.1", "-U", USER, "--no-owner", self.name)
        lines = execute(self.server, *command).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict", "--")))


def psql(server: Kubectl, database: str, query: str) -> list[str]:
    """Run one query on the server."""
    text = execute(
        server, "psql", "-h", "127.0.0.1", "-U", USER, "-d", database, "-v", "ON_ERROR_STOP=1", "-XAtqc", query
    )
    return text.splitlines()


def execute(server: Kubectl, *command: str) -> str:
    """Run a client program in the server's pod."""
    words = ("exec", "deployment/postgres", "--container=postgres", "--", "env", f"PGPASSWORD={PASSWORD}", *command)
    return str(server(*words))


def start_server(kubectl: Kubectl) -> Kubectl:
    """Start the stories' server, unless it runs; returns kubectl in its namespace."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    kubectl("apply", "--filename=-", document=namespace)
    return serve(kubectl.within(NAMESPACE), {"emptyDir": {}})


def serve(server: Kubectl, volume: dict[str, Any]) -> Kubectl:
    """Have a server in this namespace that keeps its data in the volume; returns kubectl there."""
    for document in (_deployment(volume), _service()):
        server("apply", "--filename=-", document=document)
    scale(server, 1)
    return server


def scale(server: Kubectl, replicas: int) -> None:
    """Stop a server, or start it; returns when it is so."""
    server("scale", "deployment/postgres", f"--replicas={replicas}")
    server("rollout", "status", "deployment/postgres", "--timeout=120s")
    if replicas:
        until(lambda: psql(server, "postgres", "select 1"), lambda rows: rows == ["1"])
    else:
        server("wait", "--for=delete", "pod", "--selector=app=postgres", "--timeout=60s")


def _deployment(volume: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": "postgres"}
    env = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": USER}
    container = {
        "name": "postgres",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["postgres", "-c", "max_connections=300", "-c", "fsync=off"],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "readinessProbe": {"exec": {"command": ["pg_isready", "-h", "127.0.0.1"]}, "periodSeconds": 1},
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}],
    }
    pod = {
        "containers": [container],
        "volumes": [{"name": "data", **volume}],
        "securityContext": {"runAsUser": 999, "fsGroup": 999},
        "terminationGracePeriodSeconds": 1,
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template, "strategy": {"type": "Recreate"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "postgres"}, "spec": spec}


def _service() -> dict[str, Any]:
    # A probe that is late on a busy machine must not cut the stories off from their server.
    spec = {"selector": {"app": "postgres"}, "ports": [{"port": 5432}], "publishNotReadyAddresses": True}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "postgres"}, "spec": spec}

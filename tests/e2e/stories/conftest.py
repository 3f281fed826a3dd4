"""Fixtures of the stories: the installed operator, a server with a migrated template, a shop for each story."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.api import read
from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.database import NAMESPACE, Database, psql, serve, start_server
from tests.e2e.stories.installation import NAMESPACE as SYSTEM
from tests.e2e.stories.installation import alone
from tests.e2e.stories.shop import Shop, image
from tests.e2e.stories.waiting import until

TEMPLATE = "shop_v1"
ROWS = 1000


@pytest.fixture(scope="session")
def server(cluster: Kubectl, crds: None) -> Kubectl:
    """The stories' PostgreSQL, with a template database that is migrated to v1 and has some rows."""
    with alone(Path(tempfile.gettempdir())):
        server = start_server(cluster)
        made = psql(server, "postgres", f"select 1 from pg_database where datname = '{TEMPLATE}' and datistemplate")
        if made != ["1"]:
            _make_template(server)
    return server


@pytest.fixture(scope="session")
def namespaces(cluster: Kubectl) -> Iterator[list[str]]:
    """The namespaces that stories deleted; in the end all of them must be gone, so nothing of ours holds them."""
    deleted: list[str] = []
    yield deleted
    until(lambda: _still_there(cluster, deleted), lambda names: not names, 180, "the end of the stories' namespaces")
    _forget_locks(cluster, deleted)


@pytest.fixture
def shop(cluster: Kubectl, server: Kubectl, namespaces: list[str]) -> Iterator[Shop]:
    """A shop that serves v1 from a database of its own; no flow is applied yet."""
    with a_namespace(cluster, namespaces) as kubectl:
        shop = Shop(kubectl, Database(server, f"shop_{uuid.uuid4().hex[:8]}").create(TEMPLATE))
        shop.secret()
        shop.claim()
        shop.deploy("v1")
        kubectl("rollout", "status", "deployment/shop", "--timeout=60s")
        yield shop
        shop.database.drop()


@pytest.fixture
def empty_shop(cluster: Kubectl, server: Kubectl, namespaces: list[str]) -> Iterator[Shop]:
    """A shop's namespace with an empty database, a Secret and a claim; nothing is deployed yet."""
    with an_empty_shop(cluster, server, namespaces) as shop:
        yield shop


@pytest.fixture
def another_empty_shop(cluster: Kubectl, server: Kubectl, namespaces: list[str]) -> Iterator[Shop]:
    """A second one, with a namespace and a database of its own."""
    with an_empty_shop(cluster, server, namespaces) as shop:
        yield shop


@contextmanager
def an_empty_shop(cluster: Kubectl, server: Kubectl, namespaces: list[str]) -> Iterator[Shop]:
    """A shop's namespace with an empty database, a Secret and a claim; both are deleted afterwards."""
    with a_namespace(cluster, namespaces) as kubectl:
        shop = Shop(kubectl, Database(server, f"shop_{uuid.uuid4().hex[:8]}").create())
        shop.secret()
        shop.claim()
        yield shop
        shop.database.drop()


@pytest.fixture
def shop_apart(cluster: Kubectl, crds: None, namespaces: list[str]) -> Iterator[Shop]:
    """A shop's namespace with a server of its own, which a story may stop; nothing is deployed yet."""
    with a_namespace(cluster, namespaces) as kubectl:
        shop = Shop(kubectl, Database(kubectl, "shop"))
        shop.claim("data")
        serve(kubectl, {"persistentVolumeClaim": {"claimName": "data"}})
        shop.database.create()
        shop.secret()
        shop.claim()
        yield shop


@contextmanager
def a_namespace(cluster: Kubectl, deleted: list[str]) -> Iterator[Kubectl]:
    """A fresh namespace; it is deleted afterwards, which nobody waits for here."""
    name = f"story-{uuid.uuid4().hex[:10]}"
    cluster("create", "namespace", name)
    cluster("label", "namespace", name, "releaseflow.dev/story=true")
    yield cluster.within(name)
    cluster("delete", "namespace", name, "--wait=false", "--ignore-not-found")
    deleted.append(name)


def _still_there(cluster: Kubectl, names: list[str]) -> set[str]:
    """Return those of the namespaces that still exist."""
    found = str(cluster("get", "namespaces", "--output=name")).replace("namespace/", "").split()
    return set(names).intersection(found)


def _forget_locks(cluster: Kubectl, namespaces: list[str]) -> None:
    """Delete the locks of databases that nobody will ever touch again."""
    locks = read("leases", SYSTEM, selector="releaseflow.dev/lock=true")["items"]
    where = "releaseflow.dev/lock-namespace"
    old = [lock["metadata"]["name"] for lock in locks if lock["metadata"]["annotations"].get(where) in namespaces]
    if old:
        cluster.within(SYSTEM)("delete", "lease", "--ignore-not-found", *old)


def _make_template(server: Kubectl) -> None:
    """Migrate and seed the template in a pod of the shop's own image."""
    template = Database(server, TEMPLATE)
    psql(server, "postgres", f"update pg_database set datistemplate = false where datname = '{TEMPLATE}'")
    template.drop()
    template.create()
    script = f"python3 manage.py migrate --noinput && python3 manage.py seed --items {ROWS}"
    env = [f"--env=DATABASE_URL={template.url}", "--env=SECRET_KEY=for-the-stories-only"]
    server("delete", "pod", "make-template", "--ignore-not-found", "--now")
    server(
        "run", "make-template", f"--image={image('v1')}", "--restart=Never", *env, "--command", "--", "sh", "-c", script
    )
    phase = until(lambda: _phase(server), lambda p: p in {"Succeeded", "Failed"}, 60, "the template")
    assert phase == "Succeeded", server("logs", "make-template")
    server("delete", "pod", "make-template")
    psql(server, "postgres", f"update pg_database set datistemplate = true where datname = '{TEMPLATE}'")


def _phase(server: Kubectl) -> str:
    return str(server.within(NAMESPACE)("get", "pod", "make-template", "--output=jsonpath={.status.phase}"))

"""The shop's four versions, released on a real PostgreSQL with the real Django."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

SHOP = Path(__file__).parents[3] / "examples" / "shop"
PASSWORD = "p@ss/wo:rd"  # noqa: S105 - of a server that lives as long as this test
PASSWORD_IN_URL = "p%40ss%2Fwo%3Ard"  # noqa: S105
NOBODY = 65534
VISIT = """
import json, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
new = {"name": "Kettle", "price": "19.90", "stock": 4}
print(json.dumps({
    "page": client.get("/").status_code,
    "ready": client.get("/readyz").status_code,
    "alive": client.get("/healthz").status_code,
    "items": client.get("/items").status_code,
    "new": client.post("/items", new, content_type="application/json").status_code,
    "version": client.get("/version").json()["version"],
}))
"""
SERVING = {"page": 200, "ready": 200, "alive": 200, "items": 200, "new": 201}
NOT_SERVING = {"page": 500, "ready": 503, "alive": 200, "items": 500, "new": 500}

pytest.importorskip("django", reason="pip install -r examples/shop/requirements.txt")


@dataclass(frozen=True)
class Shop:
    """The four versions in folders of their own, over one database."""

    folder: Path
    url: str

    def python(self, version: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder of one version, with the settings that its container gets."""
        folder = self.folder / version
        if not folder.exists():
            subprocess.run([SHOP / "assemble", version, folder], check=True)
        settings = {"DATABASE_URL": self.url, "SECRET_KEY": "test", "SHOP_VERSION": version}
        modules = {"PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "website.settings"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | settings | modules,
            capture_output=True,
            text=True,
            check=False,
        )

    def migrate(self, version: str) -> subprocess.CompletedProcess[str]:
        """Migrate the database with the code of one version."""
        return self.python(version, "manage.py", "migrate", "--noinput")

    def visit(self, version: str) -> dict[str, int]:
        """What a visitor of one version is answered at each address."""
        visit = self.python(version, "-c", VISIT)
        assert visit.returncode == 0, visit.stderr
        answers = json.loads(visit.stdout)
        assert answers.pop("version") == version
        return dict(answers)

    def sql(self, query: str) -> Any:
        """The first value that a query answers."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def server(integration: None) -> Iterator[str]:
    """A PostgreSQL on loopback; gives its URL without the name of a database."""
    if shutil.which("initdb") is None:
        pytest.skip("needs PostgreSQL's server programs on PATH: apt-get install postgresql-15")
    folder = Path(tempfile.mkdtemp(prefix="shop-"))
    (folder / "password").write_text(PASSWORD)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = NOBODY if os.geteuid() == 0 else None
    if user is not None:
        for path in (folder, folder / "password"):
            os.chown(path, user, user)
    identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
    options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    data = folder / "data"
    initdb = ["initdb", "-D", str(data), "-U", "shop", "-A", "scram-sha-256", f"--pwfile={folder}/password"]
    control = ["pg_ctl", "-D", str(data), "-w"]
    subprocess.run([*initdb, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
    subprocess.run([*control, "-l", str(folder / "log"), "-o", options, "start"], check=True, cwd=folder, **identity)
    try:
        yield f"postgresql://shop:{PASSWORD_IN_URL}@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=folder, **identity)
        shutil.rmtree(folder)


@pytest.fixture
def shop(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    name = request.node.name
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return Shop(folder=tmp_path, url=f"{server}/{name}")


def test_each_version_serves_only_on_its_own_schema_or_a_later_one(shop: Shop) -> None:
    assert shop.visit("v1") == NOT_SERVING
    assert shop.migrate("v1").returncode == 0
    seeded = shop.python("v1", "manage.py", "seed", "--items", "50000")
    assert "50000 items added" in seeded.stdout, seeded.stderr
    assert shop.visit("v1") == SERVING
    assert shop.visit("v2") == NOT_SERVING

    assert shop.migrate("v2").returncode == 0
    assert shop.sql("SELECT count(*) FROM shop_item WHERE sku = 'SKU-' || id") == 50_001
    assert shop.visit("v2") == SERVING
    assert shop.visit("v1") == SERVING
    assert shop.sql("SELECT sku FROM shop_item ORDER BY id DESC LIMIT 1") == ""

    failed = shop.migrate("v3")
    assert failed.returncode == 1
    assert 'column "town" of relation "shop_warehouse" does not exist' in failed.stderr
    assert shop.sql("SELECT count(*) FROM shop_warehouse") == 0
    assert shop.sql("SELECT count(*) FROM django_migrations WHERE app = 'shop'") == 2
    assert shop.visit("v2") == SERVING
    assert shop.visit("v3") == shop.visit("v4") == NOT_SERVING
    assert 'relation "shop_warehouse" already exists' in shop.migrate("v3").stderr

    assert shop.migrate("v4").returncode == 0
    assert shop.sql("SELECT count(*) FROM shop_item WHERE warehouse_id IS NULL") == 0
    assert shop.visit("v4") == shop.visit("v2") == shop.visit("v1") == SERVING
    assert shop.visit("v5") == NOT_SERVING

    assert shop.migrate("v5").returncode == 0
    assert shop.visit("v5") == shop.visit("v4") == SERVING


def test_the_repaired_migration_needs_no_failed_one_before_it(shop: Shop) -> None:
    assert shop.migrate("v4").returncode == 0
    assert shop.python("v4", "manage.py", "seed", "--items", "3").returncode == 0
    assert "0 items added, 3 in the shop" in shop.python("v4", "manage.py", "seed", "--items", "3").stdout
    assert shop.visit("v4") == SERVING
    models_and_migrations = shop.python("v4", "manage.py", "makemigrations", "--check", "--dry-run")
    assert models_and_migrations.returncode == 0, models_and_migrations.stdout

"""A real PostgreSQL server, and our own program run as its containers run it."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from releaseflow.core.engines import bookkeeping_program
from releaseflow.engines.registry import CLIENTS
from tests.support.builders import run_spec

PASSWORD = "p@ss/w:rd%?#ü x"  # noqa: S105 (for a server that lives as long as the test)
ACCOUNT = 65532
INTERPRETER = "/usr/bin/python3"
"""As the client image has it: without the packages of the tests."""
PRODUCT = Path(str(files("releaseflow")))


@dataclass(frozen=True)
class Server:
    """A server on a free port of the loopback interface."""

    port: int
    directory: Path

    def url(self, database: str, password: str = PASSWORD, port: int = 0) -> str:
        return f"postgresql+psycopg://shop%40one:{quote(password, safe='')}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, database: str, statements: str) -> str:
        """Run statements as the superuser, over the socket."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.directory), "-p", str(self.port)]
        done = subprocess.run(
            [*command, "-U", "postgres", "-d", database],
            input=statements, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def as_owner(self, database: str, statements: str) -> None:
        """Run statements as the role that the application uses."""
        self.sql(database, f'set role "shop@one"; {statements}')

    def create(self, database: str) -> str:
        self.sql("postgres", f'create database "{database}" owner "shop@one"')
        return self.url(database)


@dataclass(frozen=True)
class Outcome:
    """What a step left behind."""

    exit_code: int
    message: str
    output: str

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.message)
        return report


class Runner:
    """Runs steps as a user without an account, with nothing in their environment but what a pod gives them."""

    def __init__(self, directory: Path) -> None:
        self.backups = directory / "backups"
        self.scratch = directory / "scratch"
        self.message = self.scratch / "message"
        self.program = str(PRODUCT.parent)
        for folder in (directory, self.backups, self.scratch):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)

    def run(self, name: str, url: str = "", **settings: Any) -> Outcome:
        return self.ended(self.start(name, url, **settings))

    def start(
        self, name: str, url: str = "", run: str = "shop-2-aa", env: Mapping[str, str] | None = None, **settings: str
    ) -> subprocess.Popen[str]:
        self.message.unlink(missing_ok=True)
        self.message.touch()
        self.message.chmod(0o666)
        told = {
            "report": self.message,
            "engine": "PostgreSQL",
            "place": f"mounted_folder:{self.backups}",
            "path": "shop/shop-2-aa-1.dump",
            "bookkeeping": bookkeeping_program(run_spec(migration={"tool": "Django"}), CLIENTS["PostgreSQL"]),
            "restore": "# restores <SHA256>\n",
            "minimum_size_bytes": "1",
            **settings,
        }
        variables = {f"RELEASEFLOW_{key.upper()}": str(value) for key, value in told.items()}
        variables |= {
            "RELEASEFLOW_DATABASE_URL": url,
            "PGAPPNAME": f"releaseflow-{run}",
            "PATH": os.environ["PATH"],
            **(env or {}),
        }
        variables |= {"PYTHONPATH": self.program}
        command = [*as_account(ACCOUNT), INTERPRETER, "-SPm", "releaseflow.steps", *name.split()]
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ended(self, process: subprocess.Popen[str]) -> Outcome:
        output, _ = process.communicate(timeout=60)
        return Outcome(process.returncode, self.message.read_text(), output)

    def backed_up(self, url: str) -> Outcome:
        """Take a backup and expect it to work."""
        outcome = self.run("backup", url)
        assert outcome.exit_code == 0, outcome
        return outcome

    @property
    def file(self) -> Path:
        return self.backups / "shop" / "shop-2-aa-1.dump"


def as_account(account: int) -> list[str]:
    """Return what makes a command run without the rights of root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]


def program(name: str) -> str:
    """Return where a program of the server is; Debian keeps them off PATH."""
    found = shutil.which(name) or next(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install postgresql")
    return found


@pytest.fixture(scope="session")
def server(integration: None) -> Iterator[Server]:
    """A server of its own for the session, with passwords as the network asks for them."""
    directory = Path(tempfile.mkdtemp(prefix="rf-pg-"))
    directory.chmod(0o777)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = directory / "data"
    account = as_account(pwd.getpwnam("nobody").pw_uid)
    initdb = [program("initdb"), "-D", str(data), "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]
    subprocess.run([*account, *initdb, "--encoding=UTF8", "--no-sync"], check=True, capture_output=True)
    options = ["-p", str(port), "-k", str(directory), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen([*account, program("postgres"), "-D", str(data), *options], stderr=log)
    running = Server(port, directory)
    try:
        wait_until_ready(running)
        running.sql("postgres", f"create role \"shop@one\" login password '{PASSWORD}'")
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        shutil.rmtree(directory)


def wait_until_ready(server: Server) -> None:
    command = [program("pg_isready"), "-q", "-h", str(server.directory), "-p", str(server.port)]
    deadline = time.monotonic() + 20
    while subprocess.run(command, check=False).returncode != 0:
        assert time.monotonic() < deadline, (server.directory / "log").read_text()
        time.sleep(0.05)


@pytest.fixture
def runner() -> Iterator[Runner]:
    directory = Path(tempfile.mkdtemp(prefix="rf-steps-"))
    yield Runner(directory)
    shutil.rmtree(directory)


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a small shop's database, as Django would have left it."""
    name = f"shop_{abs(hash(request.node.name)) % 10**9}"
    server.create(name)
    server.as_owner(name, SHOP)
    yield name
    server.sql("postgres", f"drop database {name} with (force)")


SHOP = """
create table django_migrations (id serial primary key, app text, name text);
insert into django_migrations (app, name) values ('shop', '0001_initial'), ('shop', '0002_stock');
create type size as enum ('S', 'M', 'L');
create table item (id serial primary key, name text not null default 'thing', size size,
    price numeric(10, 2) check (price >= 0));
create index item_name on item (name);
create view cheap as select id, name from item where price < 10;
create function double(x int) returns int language sql as 'select 2 * x';
insert into item (name, size, price) select 'item ' || n || E' \\t"ü', 'M', n from generate_series(1, 500) n;
"""

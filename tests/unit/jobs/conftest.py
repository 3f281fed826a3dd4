"""Our own program, run as its containers run it, against a real PostgreSQL server."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from releaseflow.core.engines import bookkeeping_program
from releaseflow.engines.registry import CLIENTS
from tests.support.builders import run_spec
from tests.support.postgresql import Server, as_account, running_server

ACCOUNT = 65532
INTERPRETER = "/usr/bin/python3"
"""As the client image has it: without the packages of the tests."""
PRODUCT = Path(str(files("releaseflow")))


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


@pytest.fixture(scope="session")
def server(integration: None) -> Iterator[Server]:
    """A server of its own for the session, with passwords as the network asks for them."""
    with running_server() as running:
        yield running


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

"""A real PostgreSQL server on the loopback interface, for as long as a test or a measurement needs it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.support.processes import free_ports

PASSWORD = "p@ss/w:rd%?#ü x"  # noqa: S105 (for a server that lives as long as the test)


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


@contextmanager
def running_server(directory: Path | None = None) -> Iterator[Server]:
    """Run a server in a folder of its own, below the given one, and remove both afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rf-pg-", dir=directory))
    folder.chmod(0o777)
    try:
        with _started(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(folder: Path) -> Iterator[Server]:
    (port,), data = free_ports(1), folder / "data"
    account = as_account(pwd.getpwnam("nobody").pw_uid)
    initdb = [program("initdb"), "-D", str(data), "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]
    subprocess.run([*account, *initdb, "--encoding=UTF8", "--no-sync"], check=True, capture_output=True)
    options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*account, program("postgres"), "-D", str(data), *options], stderr=log)
    running = Server(port, folder)
    try:
        wait_until_ready(running)
        running.sql("postgres", f"create role \"shop@one\" login password '{PASSWORD}'")
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def as_account(account: int) -> list[str]:
    """Return what makes a command run without the rights of root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]


def program(name: str) -> str:
    """Return where a program of the server is; Debian keeps them off PATH."""
    found = shutil.which(name) or next(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if found is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install postgresql")
    return found


def wait_until_ready(server: Server) -> None:
    command = [program("pg_isready"), "-q", "-h", str(server.directory), "-p", str(server.port)]
    deadline = time.monotonic() + 20
    while subprocess.run(command, check=False).returncode != 0:
        assert time.monotonic() < deadline, (server.directory / "log").read_text()
        time.sleep(0.05)

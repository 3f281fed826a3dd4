"""Part backup: a proven backup of our own program beside `pg_dump -Fc`, `sha256sum` and `sync`, on the same disk."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.options import Options
from tests.bench.process import SOURCES
from tests.bench.progress import load, say
from tests.bench.results import Measurement, Report
from tests.bench.statistic import ratios, spread
from tests.support.postgresql import PASSWORD, Server, program, running_server

MOST_RATIO = 1.1
DATABASE, TABLE = "shop", "item"
LONGEST_SECONDS = 1800
"""For a single backup."""
_MEBIBYTE = 1 << 20
_ROOM, _SERVER_MEBIBYTES = 3, 512
"""Of the database's size: itself and two dumps, none of which is larger; and what an empty server takes."""
_ROWS_AT_ONCE = 250_000
_MAKE = f"create unlogged table {TABLE} (n bigint, text text)"
_FILL = f"""insert into {TABLE} select n, md5(n::text) || md5((n * 7)::text) || md5((n * 13)::text)
from generate_series({{0}}, {{0}} + {_ROWS_AT_ONCE} - 1) n"""


class NoRoomError(Exception):
    """The disk has no room for the measurement."""


@dataclass(frozen=True)
class Setup:
    """A server with a database of the wanted size, and a folder on the same disk for backups."""

    server: Server
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What both ways get; the client programs themselves come before what a distribution starts them by."""
        path = f"{Path(program('postgres')).parent}:{os.environ['PATH']}"
        return {"PATH": path, "PGPASSWORD": PASSWORD, "LANG": "C.UTF-8"}

    def run(self, command: list[str], variables: dict[str, str] | None = None) -> None:
        """Run a command to its end, in the folder for backups."""
        env = self.variables | (variables or {})
        quiet = subprocess.DEVNULL
        subprocess.run(command, env=env, cwd=self.folder, stdout=quiet, check=True, timeout=LONGEST_SECONDS)


def backup(choices: Options, report: Report) -> None:
    """A proven backup by our own program against pg_dump, sha256sum and sync; needs PostgreSQL and no cluster."""
    require_room(choices.megabytes)
    seconds: dict[str, list[float]] = {way.__name__: [] for way in (ours, plain)}
    with _setup(choices.megabytes) as setup:
        for number in range(choices.pairs):
            for way in (ours, plain) if number % 2 else (plain, ours):
                seconds[way.__name__].append(_seconds(way, setup))
                say(f"  pair {number + 1}: {way.__name__:<6}{seconds[way.__name__][-1]:6.1f} s (load {load():.1f})")
    _tell(seconds["ours"], seconds["plain"], choices.megabytes, report)


def require_room(megabytes: int) -> None:
    """See that nothing will be left half-written.

    Raises:
        NoRoomError: There is no room for a database of this size and its dumps.
    """
    needed = _ROOM * megabytes + _SERVER_MEBIBYTES
    free = shutil.disk_usage(tempfile.gettempdir()).free // _MEBIBYTE
    if free < needed:
        where = f"{tempfile.gettempdir()} has {free} MiB free, and backup needs {needed}"
        raise NoRoomError(f"{where}: name another folder by TMPDIR, or less by --megabytes")


def ours(setup: Setup) -> None:
    """Back up as the container of a run does: inspect, dump, read back whole, keep."""
    variables = {
        "PYTHONPATH": str(SOURCES),
        "RELEASEFLOW_REPORT": str(setup.folder / "report"),
        "RELEASEFLOW_ENGINE": "PostgreSQL",
        "RELEASEFLOW_PLACE": f"mounted_folder:{setup.folder}",
        "RELEASEFLOW_PATH": "shop/ours.dump",
        "RELEASEFLOW_MINIMUM_SIZE_BYTES": "1",
        "RELEASEFLOW_DATABASE_URL": setup.server.url(DATABASE),
    }
    setup.run([sys.executable, "-SPm", "releaseflow.steps", "backup"], variables)


def plain(setup: Setup) -> None:
    """Back up as people do by hand: the file, its checksum, and a flush."""
    way = f"host=127.0.0.1 port={setup.server.port} user=shop@one dbname={DATABASE}"
    setup.run(["pg_dump", "-Fc", "--file=plain.dump", f"--dbname={way}"])
    setup.run(["sha256sum", "plain.dump"])
    setup.run(["sync", "plain.dump"])


@contextmanager
def _setup(megabytes: int) -> Iterator[Setup]:
    with tempfile.TemporaryDirectory(prefix="releaseflow-bench-") as folder:
        Path(folder).chmod(0o755)
        with running_server(Path(folder)) as server:
            server.create(DATABASE)
            say(f"  filling a database of {megabytes} MiB")
            _fill(server, megabytes)
            backups = Path(folder, "backups")
            backups.mkdir()
            yield Setup(server, backups)


def _fill(server: Server, megabytes: int) -> None:
    """Fill it piece by piece, and read all of it once, so that no way finds it colder than the other."""
    server.as_owner(DATABASE, _MAKE)
    begin = 0
    while int(server.sql(DATABASE, f"select pg_relation_size('{TABLE}')")) < megabytes * _MEBIBYTE:
        server.as_owner(DATABASE, _FILL.format(begin))
        begin += _ROWS_AT_ONCE
    server.as_owner(DATABASE, f"vacuum {TABLE}")  # hint bits are written now, not by the first dump
    server.sql(DATABASE, f"select sum(length(text)) from {TABLE}")


def _seconds(way: Callable[[Setup], None], setup: Setup) -> float:
    """Return how long a way takes; what it left is removed."""
    began = time.monotonic()
    way(setup)
    took = time.monotonic() - began
    for file in setup.folder.rglob("*.dump"):
        file.unlink()
    return took


def _tell(mine: list[float], theirs: list[float], megabytes: int, report: Report) -> None:
    paired = ratios(mine, theirs)
    pairs = ", ".join(f"{ratio:.2f}" for ratio in paired)
    note = f"median of the pairs {pairs}; database of {megabytes} MiB"
    report.add(
        Measurement(
            "backup: proven, by pg_dump -Fc, sha256sum and sync", spread(paired).median, "", MOST_RATIO, 2, note
        ),
        Measurement("backup: proven", spread(mine).median, "s"),
        Measurement("backup: pg_dump -Fc, sha256sum and sync", spread(theirs).median, "s"),
    )

"""Two checkouts and one cluster, and a driver that is stopped: by real processes of the driver."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from tests.unit.tools.cluster.interrupted import interrupted
from tools.cluster.driver import archives, binaries
from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.images import Image
from tools.cluster.driver.locks import refuse_while_used
from tools.cluster.driver.paths import use_lock

ROOT = Path(__file__).resolve().parents[4]
DRIVER = ROOT / "tools" / "cluster" / "cluster"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON", sys.executable)
    monkeypatch.setenv("RELEASEFLOW_CLUSTER", "context:of-nobody")


def alone(*command: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([DRIVER, "alone", *command], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture
def user() -> Iterator[subprocess.Popen[str]]:
    """A command that uses the cluster until it is told to end."""
    process = alone("sh", "-c", "echo begun; read line")
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    yield process
    process.kill()
    process.communicate()


def test_the_cluster_is_not_removed_under_another_checkout(user: subprocess.Popen[str]) -> None:
    down = subprocess.run([DRIVER, "down"], capture_output=True, text=True, check=False)
    assert down.returncode == 1
    assert f"the cluster is used by sh -c 'echo begun; read line' in {Path.cwd()} (process {user.pid})" in down.stderr
    assert "stop that first, or wait for its end" in down.stderr


def test_a_second_user_names_the_holder_that_it_waits_for_and_then_goes_on(user: subprocess.Popen[str]) -> None:
    second = alone("echo", "my turn")
    assert second.stderr is not None
    assert f"(process {user.pid}); waiting for its end" in second.stderr.readline()
    user.kill()
    output, _ = second.communicate(timeout=20)
    assert (output, second.returncode) == ("my turn\n", 0)


def test_the_cluster_is_free_once_its_user_has_ended_however_that_was(user: subprocess.Popen[str]) -> None:
    with pytest.raises(ClusterError):
        refuse_while_used(use_lock())
    user.kill()
    user.wait()
    refuse_while_used(use_lock())


def test_a_build_that_is_stopped_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(binaries, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        binaries.built(binaries.KIND)
    assert [path.name for path in (tmp_path / "releaseflow" / "bin").iterdir()] == ["kind.lock"]


class Interrupted:
    """A builder that is stopped while it writes the archive."""

    def __init__(self, base: str = "base") -> None:
        self.base = base

    def base_key(self) -> str:
        return self.base

    def prepare(self) -> None:
        """Nothing to do."""

    def build(self, image: Image, version: str, context: Path) -> None:
        """Nothing to do."""

    def export(self, image: Image, archive: Path) -> None:
        archive.write_text("half")
        raise KeyboardInterrupt


def test_an_image_that_is_stopped_leaves_nothing_half_made(tmp_path: Path) -> None:
    image = Image(name="localhost/releaseflow/test", versions=("1",), context="images/base")
    with pytest.raises(KeyboardInterrupt):
        archives.ensure_archive(Interrupted(), image)
    left = [path.name for path in (tmp_path / "releaseflow").rglob("*") if path.is_file()]
    assert left == ["build.lock"]


class Whole(Interrupted):
    """A builder that is not stopped."""

    @override
    def export(self, image: Image, archive: Path) -> None:
        archive.write_text("whole")


def test_the_images_of_checkouts_beside_each_other_are_kept_and_older_ones_are_not() -> None:
    image = Image(name="localhost/releaseflow/test", versions=("1",), context="images/base")

    def used(base: str, second: int) -> Path:
        archive = archives.ensure_archive(Whole(base), image)[1]
        os.utime(archive, (second, second))
        return archive

    mine, theirs, old = used("mine", 1), used("theirs", 2), used("old", 3)
    assert used("mine", 4) == mine, "it is used again, not built again"
    used("theirs", 5)
    new = used("new", 6)
    assert set(new.parent.glob("*.tar")) == {mine, theirs, new}
    assert not old.exists()


def test_ctrl_c_lets_a_program_end_by_itself_and_says_how_to_go_on(tmp_path: Path) -> None:
    mark = tmp_path / "ended-well"
    program = f"trap 'touch {mark}; exit 1' INT; touch {tmp_path}/begun; while :; do sleep 0.05; done"
    code = (
        "import sys; from tools.cluster.driver import commands; from tools.cluster.driver.run import run;"
        f"commands.COMMANDS['status'] = lambda *_: run(['sh', '-c', {program!r}]);"
        "sys.exit(commands.main(['status']))"
    )
    exit_code, said = interrupted(code, tmp_path / "begun")
    assert exit_code == 130
    assert "stopped; what was built so far is kept, and the same command goes on from there" in said
    assert mark.exists()

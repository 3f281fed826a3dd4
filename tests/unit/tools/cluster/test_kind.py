"""The kind path without an engine: programs in the place of docker, kind and kubectl write down what they are asked."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.tools.cluster.interrupted import interrupted
from tools.cluster.driver import builders
from tools.cluster.driver.base_image import BASE_IMAGE, base_image_key
from tools.cluster.driver.errors import ClusterError
from tools.cluster.driver.images import TABLE, Image
from tools.cluster.driver.kind import CONTAINER, Kind, kind_possible, node_image
from tools.cluster.driver.kind_image import SOURCES
from tools.cluster.driver.paths import kind_folder, state_folder

ROOT = Path(__file__).resolve().parents[4]
IMAGE = Image(name="localhost/releaseflow/test", versions=("1",), context="images/postgres")
DOCKER = """\
case "$*" in
  "container inspect --format"*) cat "$STATE/running" ;;
  "container inspect"*) test -e "$STATE/running" ;;
  start*) echo true >"$STATE/running" ;;
  "cp --follow-link"*) for target; do :; done; cp "$STATE/kubectl" "$target" ;;
  "image inspect"*|"manifest inspect"*) test -e "$STATE/image" ;;
esac
"""
KIND = """\
case "$*" in
  version) echo "kind v${KIND_VERSION:-0.33.0} go1.26 linux/amd64" ;;
  create*) test -z "${BROKEN-}" || { cat "$BROKEN" >&2; exit 1; }; echo true >"$STATE/running" ;;
  delete*) rm -f "$STATE/running" ;;
esac
"""
Said = Callable[[], list[str]]


def program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>"$STATE/said"\n{body}')
    path.chmod(0o755)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """The commands that were run, on a machine with an engine, kind and kubectl."""
    program(tmp_path / "bin" / "docker", DOCKER)
    program(tmp_path / "bin" / "kind", KIND)
    program(tmp_path / "bin" / "kubectl", "")
    monkeypatch.setenv("STATE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("RELEASEFLOW_KIND_IMAGE", raising=False)
    monkeypatch.setattr("tools.cluster.driver.kind.ensure_node_image", lambda: "localhost/releaseflow/node:key")
    builders.image_is_there.cache_clear()
    return lambda: (tmp_path / "said").read_text().splitlines()


def test_a_cluster_is_created_once(said: Said) -> None:
    Kind().up()
    Kind().up()
    assert sum(line.startswith("kind create cluster") for line in said()) == 1
    assert Kind().answers()


def test_kubelets_start_with_control_groups_v1() -> None:
    assert "failCgroupV1: false" in (ROOT / "kind-config.yaml").read_text()


def test_another_image_of_the_node_can_be_named(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    assert node_image().startswith("kindest/node:v")
    monkeypatch.setenv("RELEASEFLOW_KIND_IMAGE", "mirror/node:1")
    Kind().up()
    assert boots(said, "mirror/node:1")


def boots(said: Said, image: str) -> bool:
    """Whether a cluster was created, with this image of the node."""
    return any(f"--image {image} " in f"{line} " for line in said() if line.startswith("kind create"))


def test_an_image_of_the_node_that_can_be_had_is_not_built(said: Said, tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    Kind().up()
    assert boots(said, node_image())


def test_the_image_of_the_node_is_built_where_no_registry_has_it(said: Said) -> None:
    Kind().up()
    assert boots(said, "localhost/releaseflow/node:key")


def test_the_image_of_the_node_is_built_where_that_is_asked_for(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASEFLOW_KIND_IMAGE", "built")
    assert kind_possible()
    (tmp_path / "image").touch()
    Kind().up()
    assert boots(said, "localhost/releaseflow/node:key")


def test_the_state_of_a_node_is_left_alone(said: Said) -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "kernel-settings.json").write_text("{}")
    Kind().up()
    Kind().down()
    assert (state_folder() / "kernel-settings.json").exists()
    assert not kind_folder().exists()


def test_a_cluster_created_again_holds_no_image(said: Said, tmp_path: Path) -> None:
    Kind().up()
    Kind().load(IMAGE, "key", tmp_path / "archive")
    assert Kind().has(IMAGE, "key")
    (tmp_path / "running").unlink()
    Kind().up()
    assert not Kind().has(IMAGE, "key")


def test_a_stopped_cluster_is_started_and_not_created_again(said: Said, tmp_path: Path) -> None:
    (tmp_path / "running").write_text("false")
    Kind().up()
    assert f"docker start {CONTAINER}" in said()
    assert not any(line.startswith("kind create") for line in said())


def test_the_error_is_shown_and_not_the_trace_that_follows_it(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = "\n".join(f"goroutine {number}" for number in range(100))
    (tmp_path / "broken").write_text(f"error: the kubelet does not run on cgroup v1\n{trace}\n")
    monkeypatch.setenv("BROKEN", str(tmp_path / "broken"))
    with pytest.raises(ClusterError, match="the kubelet does not run on cgroup v1") as raised:
        Kind().up()
    assert "goroutine" not in str(raised.value)
    assert str(kind_folder() / "create.log") in str(raised.value)


def test_what_an_interrupted_boot_left_is_removed(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken").write_text("killed")
    monkeypatch.setenv("BROKEN", str(tmp_path / "broken"))
    with pytest.raises(ClusterError):
        Kind().up()
    (tmp_path / "running").write_text("true")
    monkeypatch.delenv("BROKEN")
    Kind().up()
    words = [" ".join(line.split()[:3]) for line in said() if line.startswith(("kind create", "kind delete"))]
    assert words == ["kind create cluster", "kind delete cluster", "kind create cluster"]
    assert not Kind().boot_mark.exists()


def test_ctrl_c_leaves_no_half_of_a_cluster(said: Said, tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    program(tmp_path / "bin" / "kind", KIND.replace("create*)", 'create*) touch "$STATE/begun"; exec sleep 60;'))
    interrupted("from tools.cluster.driver.kind import Kind; Kind().up()", tmp_path / "begun")
    assert said()[-1].startswith("kind delete cluster")
    assert not kind_folder().exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the node's program runs on Linux only")
def test_kubectl_is_taken_from_the_node_where_there_is_none(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "kubectl").rename(tmp_path / "kubectl")
    monkeypatch.setattr("tools.cluster.driver.kind.shutil.which", without_kubectl(tmp_path))
    Kind().up()
    assert Kind().kubectl()[0] == str(kind_folder() / "bin" / "kubectl")
    assert Kind().tools() == [kind_folder() / "bin"]


def without_kubectl(folder: Path) -> Callable[..., str | None]:
    """Finds what the test and the driver put there, and no kubectl of the machine that runs the test."""

    def which(name: str, path: str = str(folder / "bin")) -> str | None:
        places = (Path(place, name) for place in path.split(":"))
        return next((str(found) for found in places if found.exists() and folder in found.parents), None)

    return which


@pytest.mark.parametrize("version", ["0.32.0", "0.9.1"])
def test_an_older_kind_is_not_used(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("KIND_VERSION", version)
    program(tmp_path / "built" / "kind", f'echo "built $*" >>"$STATE/said"\n{KIND}')
    monkeypatch.setattr("tools.cluster.driver.kind.built", lambda _: tmp_path / "built")
    Kind().up()
    assert any(line.startswith("built create cluster") for line in said())


def test_kind_is_possible_where_its_image_can_be_had(
    said: Said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not kind_possible()
    assert "cannot have kindest/node" in capsys.readouterr().err
    (tmp_path / "image").touch()
    builders.image_is_there.cache_clear()
    assert kind_possible()


def test_docker_builds_without_buildkit_with_the_certificates_and_the_named_base(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.crt").write_text("a certificate")
    (tmp_path / "context").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mine.crt"))
    monkeypatch.setenv("RELEASEFLOW_BASE_IMAGE", "mirror/debian:12")
    program(
        tmp_path / "bin" / "docker",
        'echo "${DOCKER_BUILDKIT-the engine decides} $BUILDX_NO_DEFAULT_ATTESTATIONS" >>"$STATE/said"\n',
    )
    builders.Docker().build(IMAGE, "1", tmp_path / "context")
    command, buildkit = said()
    assert "--build-arg PIP_CERT=/build/ca.crt --build-arg BASE=mirror/debian:12" in command
    assert buildkit == "the engine decides 1"
    assert (tmp_path / "context" / "ca.crt").read_text() == "a certificate"
    assert builders.Docker().base_key() == "mirror/debian:12"


def test_docker_builds_on_a_base_image_of_its_own_where_no_registry_has_one(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELEASEFLOW_BASE_IMAGE", raising=False)
    monkeypatch.setattr(
        "tools.cluster.driver.base_image.make_root_file_system", lambda folder: folder.mkdir(parents=True)
    )
    monkeypatch.setattr("tools.cluster.driver.builders.require_packages", lambda _: None)
    (tmp_path / "context").mkdir()
    builders.Docker().prepare()
    builders.Docker().build(IMAGE, "1", tmp_path / "context")
    builds = [line for line in said() if line.startswith("docker build")]
    assert f"--tag {BASE_IMAGE}-{base_image_key()} --file" in builds[0]
    assert f"--build-arg BASE={BASE_IMAGE} " in builds[1]
    assert builders.Docker().base_key() == base_image_key()


def test_every_image_can_be_built_by_the_old_builder() -> None:
    for file in (*(image.folder / image.containerfile for image in TABLE), SOURCES / "Containerfile"):
        text = file.read_text()
        assert "--chmod" not in text
        assert "requirements.txt" not in text or "COPY requirements.txt ca.cr[t] /build/" in text

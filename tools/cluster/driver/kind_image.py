"""A node image for kind where no registry has one: kind's own files around the programs of the node path."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from .binaries import KUBEADM, KUBERNETES_VERSION, NODE, built, go_program
from .builders import Docker, docker_base, docker_build
from .content import content_key, files_below
from .errors import ClusterError
from .locks import locked
from .node.configuration import pod_network
from .node.layout import PAUSE_IMAGE
from .node.volumes import storage_class
from .paths import NODE_SOURCES, REPOSITORY, cache_folder
from .pause_image import write_pause_archive
from .progress import step
from .run import run, succeeds

NAME = "localhost/releaseflow/node"
COMPONENTS = "localhost/releaseflow/components"
SOURCES = REPOSITORY / "images" / "kind"
DRIVER = Path(__file__).parent
STANDARD_CLASS = "standard"
CONTROLLERS = tuple(f"node/{name}.py" for name in ("__init__", "api", "layout", "policies", "volumes", "watches"))
"""The controllers of the node path that the node of kind runs as well, and what they import."""
CONTROLLER_SOURCES = tuple(DRIVER / name for name in ("__init__.py", "errors.py", "run.py", *CONTROLLERS))
CONTAINERD_SETTINGS = {
    "sandbox_image": f'"{PAUSE_IMAGE}"',
    # Without CAP_SYS_RESOURCE runc may not lower the score of a process.
    "restrict_oom_score_adj": "true",
}
CLASS_MANIFEST = "files/kind/manifests/default-storage.yaml"
NETWORK_MANIFEST = "files/kind/manifests/default-cni.yaml"


def ensure_node_image() -> str:
    """Have the node image in the engine, built where this content of it is not there; returns its name.

    Raises:
        ClusterError: It cannot be built.
    """
    name = f"{NAME}:{node_image_key()}"
    with locked(cache_folder() / "kind-image.lock", "building the node image of kind"):
        if not succeeds(["docker", "image", "inspect", name]):
            build_node_image(name)
            remove_other_images(name)
    return name


def node_image_key() -> str:
    """Key of everything that the image is made of: this file writes some of it."""
    programs = {"node": NODE.folder.name, "kubeadm": KUBEADM.folder.name}
    written = {"network": json.dumps(pod_network()), "class": json.dumps(storage_class(STANDARD_CLASS))}
    sources = [SOURCES, Path(__file__), *CONTROLLER_SOURCES]
    return content_key(REPOSITORY, sources, {"base": Docker().base_key(), **programs, **written})


def build_node_image(name: str) -> None:
    """Build the image of the components, and the node with an archive of it."""
    built(NODE)
    built(KUBEADM)
    Docker().prepare()
    with (
        step("building the node image of kind (the first time about 3 minutes)"),
        tempfile.TemporaryDirectory(dir=cache_folder()) as scratch,
    ):
        context = Path(scratch, "context")
        components = f"{COMPONENTS}:{name.rpartition(':')[2]}"
        stage(context, components)
        options = ["--build-arg", f"BASE={docker_base()}", "--file", str(context / "Containerfile")]
        docker_build(components, context, [*options, "--target", "components"])
        run(["docker", "save", "--output", context / "images" / "components.tar", components])
        docker_build(name, context, options)


def stage(context: Path, components: str) -> None:
    """Write all that the build sees, apart from the archive of the components."""
    stage_files(context)
    stage_programs(context / "programs")
    images = context / "images"
    images.mkdir()
    write_pause_archive(images / "pause.tar")
    names = run([built(KUBEADM) / "kubeadm", "config", "images", "list", "--kubernetes-version", KUBERNETES_VERSION])
    (images / "names").write_text(names)
    (images / "components").write_text(components)


def stage_files(context: Path) -> None:
    """Write the files of the node: kind's, those of images/kind, the controllers, and what is written here."""
    copy_files(kind_module() / "images" / "base" / "files", context / "files")
    copy_files(SOURCES, context)
    for source in CONTROLLER_SOURCES:
        copy_file(source, context / "files" / "kind" / "driver" / source.relative_to(DRIVER))
    settings = context / "files" / "etc" / "containerd" / "config.toml"
    settings.write_text(containerd_settings(settings.read_text()))
    for path, text in written_files().items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)


def written_files() -> dict[str, str]:
    """Files of the node that say what the node path says: its version, its network and its class of volumes."""
    network = json.dumps(pod_network())
    note = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "pod-network", "namespace": "kube-system"},
        "data": {"10-pods.conflist": network},
    }
    return {
        "files/kind/version": KUBERNETES_VERSION,
        "files/etc/cni/net.d/10-pods.conflist": network,
        # kind creates what this manifest says; the network needs no object, so it says what the network is.
        NETWORK_MANIFEST: json.dumps(note),
        CLASS_MANIFEST: json.dumps(storage_class(STANDARD_CLASS)),
    }


def containerd_settings(text: str) -> str:
    """The configuration of containerd that kind has, with the settings of this image.

    Raises:
        ClusterError: The configuration has no such setting: the pinned kind has changed.
    """
    for name, value in CONTAINERD_SETTINGS.items():
        text, found = re.subn(rf"^( *{name} =) .*$", rf"\1 {value}", text, flags=re.MULTILINE)
        if found != 1:
            raise ClusterError(f"kind's configuration of containerd sets {name} {found} times, and not once")
    return text


def stage_programs(folder: Path) -> None:
    """Copy the programs to where the build sees them."""
    folder.mkdir()
    for program in ("kube", "coredns", "containerd", "containerd-shim-runc-v2", "ctr"):
        shutil.copy2(built(NODE) / program, folder)
    shutil.copy2(built(KUBEADM) / "kubeadm", folder)


def kind_module() -> Path:
    """Folder of the sources of the pinned kind, which Go checks and keeps.

    Raises:
        ClusterError: Go is missing, or cannot have the module.
    """
    module = run([go_program(), "mod", "download", "-json", "sigs.k8s.io/kind"], cwd=NODE_SOURCES)
    return Path(json.loads(module)["Dir"])


def copy_files(root: Path, target: Path) -> None:
    """Copy the files below a folder, and not its modes: Go keeps its sources read-only."""
    for file in files_below([root]):
        copy_file(file, target / file.relative_to(root))


def copy_file(source: Path, target: Path) -> None:
    """Copy the content of one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def remove_other_images(name: str) -> None:
    """Remove the images that this one replaces; the engine keeps one that a container uses."""
    for repository in (NAME, COMPONENTS):
        for other in run(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository]).split():
            if not other.endswith(name.removeprefix(NAME)):
                succeeds(["docker", "image", "rm", other])

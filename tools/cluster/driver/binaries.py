"""Programs built from Go modules, once for each content of their sources."""

import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .content import content_key
from .errors import ClusterError
from .locks import locked
from .paths import ARGOCD_SOURCES, FLUX_SOURCES, NODE_SOURCES, ROLLOUTS_SOURCES, binaries_folder
from .progress import step
from .run import run

KUBERNETES_VERSION = "v1.36.3"
CONTAINERD_VERSION = "v2.2.8"
KEPT_BUILDS = 2


COMPONENT_VERSION = "k8s.io/component-base/version"
STAMPS = {
    f"{COMPONENT_VERSION}.gitVersion": KUBERNETES_VERSION,
    f"{COMPONENT_VERSION}.gitMajor": KUBERNETES_VERSION.split(".", maxsplit=1)[0].removeprefix("v"),
    f"{COMPONENT_VERSION}.gitMinor": KUBERNETES_VERSION.split(".")[1],
    "github.com/containerd/containerd/v2/version.Version": CONTAINERD_VERSION,
}
LINKER_FLAGS = " ".join(["-s -w", *(f"-X {variable}={value}" for variable, value in STAMPS.items())])
"""Flags that strip a program and stamp its version into it; a stamp for another program does nothing."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """Programs that are built together from one module: what they share is compiled once.

    Attributes:
        name: What the folder of the built programs is named by.
        packages: Packages of the programs: folders of the module, or pinned tools of it.
        links: Further names of a program, which it knows itself by.
        first_build: How long the first build takes on two cores, for the reader.
        module: Folder of the module that pins them.
        files: What else they need, by the module that it is in: files and folders, which are copied beside them.
    """

    name: str
    packages: tuple[str, ...]
    links: Mapping[str, str] = field(default_factory=dict)
    first_build: str = "about a minute"
    module: Path = NODE_SOURCES
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def sources(self) -> list[Path]:
        """Files and folders that the programs are built from."""
        own = [self.module / package for package in self.packages if package.startswith("./")]
        return [self.module / "go.mod", self.module / "go.sum", *own]

    @property
    def folder(self) -> Path:
        """Folder of the built programs, named by what they are built from."""
        settings = {"flags": LINKER_FLAGS, "machine": platform.machine(), "packages": " ".join(self.packages)}
        settings |= {module: " ".join(names) for module, names in self.files.items()}
        return binaries_folder() / f"{self.name}-{content_key(self.module, self.sources, settings)}"


CONTAINERD = "github.com/containerd/containerd/v2/cmd"
NODE = Programs(
    name="node",
    packages=(
        *("./kube", "./coredns", "./pause"),
        *(f"{CONTAINERD}/containerd", f"{CONTAINERD}/containerd-shim-runc-v2", f"{CONTAINERD}/ctr"),
    ),
    links={"kubectl": "kube"},
    first_build="about 12 minutes",
)
HELM = Programs(name="helm", packages=("helm.sh/helm/v4/cmd/helm",), first_build="about 2 minutes")
KIND = Programs(name="kind", packages=("sigs.k8s.io/kind",))
ARGOCD = Programs(
    name="argocd",
    packages=("./argocd",),
    links={
        f"argocd-{program}": "argocd"
        for program in (
            "application-controller",
            "applicationset-controller",
            "git-ask-pass",
            "notifications-controller",
            "redis",
            "repo-server",
            "server",
        )
    },
    first_build="about 8 minutes",
    module=ARGOCD_SOURCES,
    files={"github.com/argoproj/argo-cd/v3": ("manifests", "hack/git-verify-wrapper.sh")},
)
FLUX_CONTROLLERS = tuple(f"github.com/fluxcd/{name}-controller" for name in ("helm", "kustomize", "source"))
FLUX = Programs(
    name="flux",
    packages=FLUX_CONTROLLERS,
    first_build="about 10 minutes",
    module=FLUX_SOURCES,
    files=dict.fromkeys(FLUX_CONTROLLERS, ("config/crd/bases",)),
)
ROLLOUTS = Programs(
    name="rollouts",
    packages=("github.com/argoproj/argo-rollouts/cmd/rollouts-controller",),
    first_build="about 5 minutes",
    module=ROLLOUTS_SOURCES,
    files={"github.com/argoproj/argo-rollouts": ("manifests/crds",)},
)
KUBEADM = Programs(name="kubeadm", packages=("k8s.io/kubernetes/cmd/kubeadm",), first_build="about 3 minutes")


def built(programs: Programs) -> Path:
    """Folder of the programs, built first where it is not there.

    Raises:
        ClusterError: Go is missing, or the build failed.
    """
    if programs.folder.is_dir():
        return programs.folder
    with locked(binaries_folder() / f"{programs.name}.lock", f"building {programs.name}"):
        if not programs.folder.is_dir():
            build(programs)
    return programs.folder


def build(programs: Programs) -> None:
    """Build programs beside their place and move them there in one step, so that no half of it is ever seen."""
    unfinished = programs.folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        compile_into(unfinished, programs)
        unfinished.rename(programs.folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    forget_old_builds(programs)


def compile_into(folder: Path, programs: Programs) -> None:
    """Compile programs into a folder; what Go has compiled before, also in a build that was stopped, it keeps."""
    names = " ".join(package.rsplit("/", maxsplit=1)[-1] for package in programs.packages)
    with step(f"building {names} from Go modules (the first time {programs.first_build})"):
        flags = ["-trimpath", f"-ldflags={LINKER_FLAGS}", "-mod=readonly"]
        env = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "auto"}
        run([go_program(), "build", *flags, "-o", f"{folder}/", *programs.packages], cwd=programs.module, env=env)
    for link, program in programs.links.items():
        (folder / link).symlink_to(program)
    for module, files in programs.files.items():
        question = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module]
        source = Path(run([go_program(), *question], cwd=programs.module, env=env).strip())
        for name in files:
            copied(source / name, folder / Path(name).name)


def copied(source: Path, target: Path) -> None:
    """Copy a program or a folder of files out of Go's cache, where all is read-only."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
        for folder, _, _ in os.walk(target):
            Path(folder).chmod(0o755)
    else:
        shutil.copyfile(source, target)
        target.chmod(0o755)


def forget_old_builds(programs: Programs) -> None:
    """Keep the newest builds only: a running node may still use the one before."""
    builds = sorted(binaries_folder().glob(f"{programs.name}-*"), key=lambda folder: folder.stat().st_mtime)
    for old in builds[:-KEPT_BUILDS]:
        shutil.rmtree(old)


def go_program() -> str:
    """The Go command.

    Raises:
        ClusterError: There is none.
    """
    found = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if found is None:
        raise ClusterError("Go is missing: install Go 1.26 or newer from https://go.dev/dl and put `go` on PATH")
    return found

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
from .places import NODE_SOURCES, binaries_folder
from .progress import step
from .run import run

KUBERNETES_VERSION = "v1.36.3"
CONTAINERD_VERSION = "v2.2.8"
KEPT_BUILDS = 2


@dataclass(frozen=True, kw_only=True)
class Module:
    """One folder of tests/cluster/node with its go.mod, and the programs that come out of it."""

    name: str
    programs: tuple[str, ...]
    package: str = "."
    stamps: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    first_build: str = "about a minute"

    @property
    def source(self) -> Path:
        """Folder of the module."""
        return NODE_SOURCES / self.name

    @property
    def linker_flags(self) -> str:
        """Flags that strip the program and stamp its version into it."""
        return " ".join(["-s -w", *(f"-X {variable}={value}" for variable, value in self.stamps.items())])

    @property
    def folder(self) -> Path:
        """Folder of the built programs, named by what they are built from."""
        settings = {"flags": self.linker_flags, "machine": platform.machine(), "package": self.package}
        return binaries_folder() / f"{self.name}-{content_key(self.source, [self.source], settings)}"


COMPONENT_VERSION = "k8s.io/component-base/version"
KUBE = Module(
    name="kube",
    programs=("kube",),
    stamps={
        f"{COMPONENT_VERSION}.gitVersion": KUBERNETES_VERSION,
        f"{COMPONENT_VERSION}.gitMajor": KUBERNETES_VERSION.split(".", maxsplit=1)[0].removeprefix("v"),
        f"{COMPONENT_VERSION}.gitMinor": KUBERNETES_VERSION.split(".")[1],
    },
    links={"kubectl": "kube"},
    first_build="about 7 minutes",
)
COREDNS = Module(name="coredns", programs=("coredns",))
CONTAINERD = Module(
    name="containerd",
    programs=("containerd", "containerd-shim-runc-v2", "ctr"),
    package="tool",
    stamps={"github.com/containerd/containerd/v2/version.Version": CONTAINERD_VERSION},
)
HELM = Module(name="helm", programs=("helm",), package="tool", first_build="about 2 minutes")
PAUSE = Module(name="pause", programs=("pause",), first_build="a few seconds")
NODE_MODULES = (PAUSE, CONTAINERD, COREDNS, KUBE, HELM)


def built(module: Module) -> Path:
    """Folder of the module's programs, built first where it is not there.

    Raises:
        ClusterError: Go is missing, or the build failed.
    """
    if module.folder.is_dir():
        return module.folder
    with locked(binaries_folder() / f"{module.name}.lock", f"building {module.name}"):
        if not module.folder.is_dir():
            build(module)
    return module.folder


def build(module: Module) -> None:
    """Build a module beside its place and move it there in one step, so that no half of it is ever seen."""
    unfinished = module.folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with step(f"building {' '.join(module.programs)} from Go modules (the first time {module.first_build})"):
        flags = ["-trimpath", f"-ldflags={module.linker_flags}", "-mod=readonly"]
        env = {**os.environ, "CGO_ENABLED": "0"}
        run([go_program(), "build", *flags, "-o", f"{unfinished}/", module.package], cwd=module.source, env=env)
    for link, program in module.links.items():
        (unfinished / link).symlink_to(program)
    unfinished.rename(module.folder)
    forget_old_builds(module)


def forget_old_builds(module: Module) -> None:
    """Keep the newest builds of a module only: a running node may still use the one before."""
    builds = sorted(binaries_folder().glob(f"{module.name}-*"), key=lambda folder: folder.stat().st_mtime)
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

"""A reader who types what the documents say, into a shell that reaches a real API server and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.repository.commands.pages import PROGRAMS, ROOT, Block, manifest
from tests.support.rollouts import ROLLOUTS
from tools.cluster.driver.binaries import HELM, NODE, built

TOOLS = ("cat", "cut", "date", "diff", "grep", "sed", "sleep", "tr", "true")
BLOCK_SECONDS = 240
ALL_TO_THE_END = "kill() { :; }; trap wait EXIT"
"""Lets what a block does in the background come to its end, and be heard."""
ELSEWHERE = {
    "buildah": "tools/cluster/driver builds the images of the example",
    "jq": "it reads what kubectl prints, and need not be on the machine of the tests",
    "pg_restore": "tests/unit/jobs/test_restore_command.py runs it against a real server",
    "psql": "its statements need a server with sessions; tests/unit/jobs has one",
    "python": "modules of the repository, which their own tests import",
    "sh": "restore is the restore command: tests/unit/jobs/test_restore_command.py",
    "sha256sum": "tests/unit/jobs/test_restore_command.py runs it",
    "tools/cluster/cluster": "it would lead to a cluster that is not the test's; tests/unit/tools/cluster tests it",
    "uv": "locks need the package index; tests/repository/test_locks.py holds them",
}
"""Programs that the documents tell to run and that are not tried here, and why."""

NOT_HERE = "/backups"
"""A folder of the documents that only a pod has."""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 0
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: "ghcr.io/acme/shop:1.4.0"}]}
"""
SECRET = "{apiVersion: v1, kind: Secret, metadata: {name: shop-db}, stringData: {url: a, other: b}}"  # noqa: S105 (nobody's)

RELEASE = {
    "image": "ghcr.io/acme/shop:1.5.0",
    "run": "run",
    "sequence": 1,
    "trigger": "ImageChanged",
    "startTime": "2026-01-01T00:00:00Z",
}
STATUS = json.dumps({"status": {"release": RELEASE}})
QUICK_STARTS = {
    "docs/start/quick-start-go.md": "ledger.yaml",
    "docs/start/quick-start-node.md": "web.yaml",
    "docs/start/quick-start-rails.md": "store.yaml",
}
"""The manifests that the commands of a page apply."""


@dataclass(frozen=True)
class Call:
    """One call of a program: its words, and what it complained of."""

    words: tuple[str, ...]
    complaint: str


class Reader:
    """One reader, in a folder with what the documents tell to have at hand."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.folder, self.kubeconfig = folder, kubeconfig
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or "/bin/false")
        standin = Path(__file__).with_name("standin.py")
        for program in PROGRAMS:
            script = f'#!/bin/sh\nexec {sys.executable} {standin} {program} "$@"\n'
            (self.bin / program).write_text(script, encoding="utf-8")
            (self.bin / program).chmod(0o755)
        self.home = folder / "home"
        (self.home / "tools" / "cluster").mkdir(parents=True)
        for program in ELSEWHERE:
            path = self.home / program if "/" in program else self.bin / program
            path.write_text("#!/bin/sh\nexec cat >/dev/null\n", encoding="utf-8")
            path.chmod(0o755)
        for name in ("charts", "deploy", "crds", "examples", "gitops"):
            (self.home / name).symlink_to(ROOT / name)
        for path in (ROOT / "examples" / "shop").glob("*.yaml"):
            (self.home / path.name).symlink_to(path)
        (self.home / "shop-flow.yaml").write_text(
            manifest("docs/start/quick-start.md", "ReleaseFlow"), encoding="utf-8"
        )
        for page, name in QUICK_STARTS.items():
            parts = [manifest(page, kind) for kind in ("Deployment", "ReleaseFlow")]
            (self.home / name).write_text("---\n".join(parts), encoding="utf-8")
        (self.home / "down.yaml").write_text(manifest("docs/guides/down.md", "MigrationRun"), encoding="utf-8")
        (self.home / "deployment.yaml").write_text(DEPLOYMENT, encoding="utf-8")

    def _text(self, name: str) -> str:
        return (self.home / name).read_text(encoding="utf-8")

    def set_up(self) -> None:
        """Make what most commands are about, so that the API server judges them by it."""
        kubectl = [str(built(NODE) / "kubectl"), f"--kubeconfig={self.kubeconfig}", "apply", "-f"]
        kinds = json.dumps(ROLLOUTS)
        for text in (
            kinds,
            DEPLOYMENT,
            SECRET,
            *(self._text(name) for name in ("shop-flow.yaml", *QUICK_STARTS.values())),
        ):
            subprocess.run([*kubectl, "-"], input=text, text=True, check=True, capture_output=True)
        patch = [*kubectl[:2], "patch", "rflow", "shop", "--subresource=status", "--type=merge", "--patch", STATUS]
        subprocess.run(patch, check=True)

    def help(self, command: str) -> str:
        """Return what a command says of itself, and of the flags that all commands have."""
        program, *words = command.split()
        path = str(built(NODE) / "kubectl") if program == "kubectl" else str(built(HELM) / "helm")
        told = [subprocess.run([path, *more], capture_output=True, text=True, check=True) for more in (
            [*words, "--help"], ["options"] if program == "kubectl" else ["--help"],
        )]  # fmt: skip
        return "".join(done.stdout for done in told)

    def types(self, block: Block) -> tuple[list[Call], str]:
        """Walk a block both ways, and return all calls and what the shell itself complained of."""
        calls, complaints = self._types(block, succeeds=True)
        if len(calls) < block.commands:
            more, others = self._types(block, succeeds=False)
            calls, complaints = [*calls, *(call for call in more if call not in calls)], complaints + others
        return calls, complaints

    def _types(self, block: Block, *, succeeds: bool) -> tuple[list[Call], str]:
        calls = self.folder / "calls"
        calls.write_text("", encoding="utf-8")
        config = self.folder / "kubeconfig"
        shutil.copy(self.kubeconfig, config)
        env = {
            "PATH": str(self.bin),
            "HOME": str(self.home),
            "KUBECONFIG": str(config),
            "EDITOR": "true",
            "IMAGE": "ghcr.io/acme/shop:1.5.0",
            "RELEASEFLOW_CALLS": str(calls),
            "RELEASEFLOW_EXIT": str(int(not succeeds)),
            "RELEASEFLOW_ROOT": str(ROOT),
            "RELEASEFLOW_KUBECTL": str(built(NODE) / "kubectl"),
            "RELEASEFLOW_HELM": str(built(HELM) / "helm"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        bash = str(shutil.which("bash"))
        done = subprocess.run(
            [bash, "-c", f"{ALL_TO_THE_END}\n{block.text}"], env=env, cwd=self.home, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=BLOCK_SECONDS,
        )  # fmt: skip
        read = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
        return [Call(tuple(call["command"]), call["said"]) for call in read], done.stderr

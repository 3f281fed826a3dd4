"""The commands of the driver."""

import argparse
import os
import shlex
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from .archives import ensure_archive
from .binaries import ARGOCD, FLUX, HELM, ROLLOUTS, built
from .errors import ClusterError
from .images import TABLE, Image, chosen
from .locks import refuse_while_used, take_cluster
from .packages import require_test_packages, search_path
from .paths import cache_folder, use_lock
from .progress import say, step
from .providers import Provider, provider

FURTHER = {"helm": HELM, "argocd": ARGOCD, "flux": FLUX, "rollouts": ROLLOUTS}
"""Programs beside those of the cluster, which are built where they are asked for."""
DESCRIPTION = """\
A real Kubernetes cluster for the demo and the tests.

RELEASEFLOW_CLUSTER chooses it: `kind`, `node` (built from Go modules; root on Linux), or `context:NAME` for one that
is there already. Where it is not set: kind where a Docker engine answers, else the node.
"""


def up(cluster: Provider, words: list[str]) -> None:
    """Have a cluster that answers; returns at once where it runs. `up images` builds the images meanwhile."""
    if words not in ([], ["images"]):
        raise ClusterError(f"up {shlex.join(words)} is not understood; say up, or up images")
    announce(cluster)
    with building(cluster, chosen([]) if words else []):
        cluster.up()
    say(f'kubectl for it: eval "$({launcher()} env)"')


def ready(cluster: Provider, words: list[str]) -> None:
    """Have a cluster that holds images, as load; they are built while the programs are compiled."""
    wanted = chosen(words)
    announce(cluster)
    with building(cluster, wanted):
        cluster.up()
    load(cluster, words)


def announce(cluster: Provider) -> None:
    """Say how long the first time takes, where it is the first time."""
    if not cluster.is_built():
        say("  everything is built once, from pinned sources: the first time about 15 minutes, then 30 seconds")


@contextmanager
def building(cluster: Provider, wanted: list[Image]) -> Iterator[None]:
    """Build images beside the body; after Ctrl-C no further one is begun."""
    stopped = threading.Event()

    def build() -> None:
        for image in wanted:
            if not stopped.is_set():
                ensure_archive(cluster.builder, image)

    with ThreadPoolExecutor(max_workers=1) as pool:
        built_images = pool.submit(build)
        try:
            yield
            built_images.result()
        finally:
            stopped.set()


def alone(cluster: Provider, words: list[str]) -> None:
    """Run a command while no other checkout uses the cluster: alone make demo."""
    if not words:
        raise ClusterError("alone needs a command, for example: alone make stories")
    take_cluster(use_lock(), shlex.join(words))
    os.execvp(words[0], words)  # noqa: S606


def down(cluster: Provider, words: list[str]) -> None:
    """Remove the cluster and all it left; what was built stays in the cache."""
    refuse_while_used(use_lock())
    cluster.down()
    say(f"what was built is kept for the next time in {cache_folder()}")


def images(cluster: Provider, words: list[str]) -> None:
    """Build images: those of make test, the named ones, or all."""
    for image in chosen(words):
        ensure_archive(cluster.builder, image)


def load(cluster: Provider, words: list[str]) -> None:
    """Build images and load them into the cluster: those of make test, the named ones, or all."""
    for image in chosen(words):
        key, archive = ensure_archive(cluster.builder, image)
        if not cluster.has(image, key):
            with step(f"loading {image.name}"):
                cluster.load(image, key, archive)


def kubeconfig(cluster: Provider, words: list[str]) -> None:
    """Print the path of the kubeconfig."""
    print(require_answer(cluster).kubeconfig)


def env(cluster: Provider, words: list[str]) -> None:
    """Print what a shell evaluates to have kubectl for the cluster; `env helm argocd`: and more pinned programs."""
    if not set(words) <= set(FURTHER):
        raise ClusterError(f"env {shlex.join(words)} is not understood; say env, or env {' '.join(FURTHER)}")
    folders = [built(FURTHER[word]) for word in words]
    for name, value in environment(require_answer(cluster), *folders).items():
        print(f"export {name}={shlex.quote(value)}")


def kubectl(cluster: Provider, words: list[str]) -> None:
    """Run kubectl against the cluster."""
    become(cluster, ["kubectl", *words])


def helm(cluster: Provider, words: list[str]) -> None:
    """Run the pinned Helm against the cluster."""
    become(cluster, ["helm", *words], built(HELM))


def enter(cluster: Provider, words: list[str]) -> None:
    """Run a command that reaches the addresses of pods and Services: enter curl http://10.96.7.7/."""
    become(cluster, [*cluster.network(), *words])


def programs(cluster: Provider, words: list[str]) -> None:
    """Have the programs that the tests run; print the PATH that finds them. `programs helm`: and the pinned Helm."""
    if words not in ([], ["helm"]):
        raise ClusterError(f"programs {shlex.join(words)} is not understood; say programs, or programs helm")
    require_test_packages()
    print(":".join([*(str(built(HELM)) for _ in words), search_path()]))


def status(cluster: Provider, words: list[str]) -> None:
    """Say which cluster is meant, whether it runs, and what is in it."""
    answers = cluster.answers()
    print(f"cluster:    {cluster.name} ({'runs' if answers else 'does not run; start it: make cluster'})")
    if answers:
        print(f"kubeconfig: {cluster.kubeconfig}")
        for image in TABLE:
            print(f"image:      {image.name} {image_state(cluster, image)}")


def image_state(cluster: Provider, image: Image) -> str:
    """Whether the cluster holds what the sources of an image say now."""
    try:
        key = image.key(cluster.builder.base_key())
    except ClusterError as error:
        return f"({error})"
    command = f"{launcher()} load {image.short_name}"
    return "is loaded" if cluster.has(image, key) else f"is not loaded, or older; load it: {command}"


def require_answer(cluster: Provider) -> Provider:
    """The cluster, if it runs.

    Raises:
        ClusterError: It does not.
    """
    if not cluster.answers():
        raise ClusterError(f"the cluster ({cluster.name}) does not run; start it: make cluster")
    return cluster


def environment(cluster: Provider, *folders: Path) -> dict[str, str]:
    """Environment in which kubectl, and the programs in more folders, mean the cluster."""
    path = ":".join([*map(str, (*cluster.tools(), *folders)), os.environ.get("PATH", os.defpath)])
    return {"KUBECONFIG": str(cluster.kubeconfig), "PATH": path}


def become(cluster: Provider, words: list[str], *folders: Path) -> None:
    """Replace the driver by a command; its program may be in one of the folders."""
    variables = {**os.environ, **environment(require_answer(cluster), *folders)}
    program = shutil.which(words[0], path=variables["PATH"])
    if program is None:
        raise ClusterError(f"{words[0]}: not found; install it and run the same command again")
    os.execve(program, words, variables)  # noqa: S606


def launcher() -> str:
    """The command that people type."""
    return "tools/cluster/cluster"


COMMANDS: dict[str, Callable[[Provider, list[str]], None]] = {
    function.__name__: function
    for function in (up, ready, alone, down, load, images, kubeconfig, env, kubectl, helm, enter, programs, status)
}


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=launcher(),
        description=DESCRIPTION,
        epilog="\n".join(f"  {name:<11} {function.__doc__}" for name, function in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="...", help="what the command takes")
    parsed = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        COMMANDS[parsed.command](provider(), parsed.words)
    except ClusterError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("stopped; what was built so far is kept, and the same command goes on from there")
        return 130
    return 0

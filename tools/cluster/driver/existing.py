"""The provider for a cluster that is there already; it is used, never started, stopped or fed with images."""

from pathlib import Path

from .builders import Buildah, Builder, Docker, docker_answers
from .errors import ClusterError
from .images import Image
from .paths import state_folder
from .progress import say
from .run import run


class Existing:
    """A context of the user's kubeconfig."""

    def __init__(self, context: str) -> None:
        self.name = f"context:{context}"
        self.context = context

    @property
    def builder(self) -> Builder:
        """What builds images here."""
        return Docker() if docker_answers() else Buildah()

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig with this context and no other, so that no tool can hit another cluster."""
        return state_folder() / "context.kubeconfig"

    def tools(self) -> list[Path]:
        """Nothing: kubectl is the user's own."""
        return []

    def is_built(self) -> bool:
        """It runs already."""
        return True

    def up(self) -> None:
        """Write the kubeconfig and see that the cluster answers.

        Raises:
            ClusterError: There is no such context, or the cluster does not answer.
        """
        if self.context not in run(["kubectl", "config", "get-contexts", "--output", "name"]).splitlines():
            raise ClusterError(f"there is no context {self.context}; see: kubectl config get-contexts")
        text = run(["kubectl", "config", "view", "--raw", "--minify", "--flatten", "--context", self.context])
        self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(text)
        run(["kubectl", "--kubeconfig", self.kubeconfig, "get", "--raw", "/readyz"])
        say(f"  ✓ the cluster of context {self.context} answers")

    def down(self) -> None:
        """Forget the kubeconfig; the cluster stays as it is."""
        self.kubeconfig.unlink(missing_ok=True)
        say(f"  ✓ the cluster of context {self.context} stays as it is")

    def answers(self) -> bool:
        """Whether `up` was run for it."""
        return self.kubeconfig.exists()

    def has(self, image: Image, key: str) -> bool:
        """Never known from here."""
        return False

    def load(self, image: Image, key: str, archive: Path) -> None:
        """Refuse: only the owner of the cluster knows its registry.

        Raises:
            ClusterError: Always.
        """
        raise ClusterError(
            f"{image.name} cannot be loaded into {self.name}; push {archive} to a registry that the cluster reads"
        )

    def network(self) -> list[str]:
        """Refuse: use `kubectl port-forward`.

        Raises:
            ClusterError: Always.
        """
        raise ClusterError(f"the network of {self.name} cannot be entered; use kubectl port-forward")

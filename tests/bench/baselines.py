"""Ways to run Jobs and only then move an image; each with a Deployment of its own name."""

import asyncio
import json
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import is_condition_true, name_of
from tests.bench.environment import Environment
from tests.bench.objects import IMAGES, deployment, flow, is_released
from tests.bench.observer import Observation, Observer
from tests.bench.templates import Template
from tests.support.objects import DEPLOYMENT

HOOKS = 2
IMAGE_PATH = "/spec/template/spec/containers/0/image"


class Baseline(Protocol):
    """A way to release."""

    @property
    def name(self) -> str:
        """Name of the way, and of its Deployment."""

    async def release(self, image: str, number: str) -> None:
        """Release an image; return when all is done that this way does."""


@dataclass(frozen=True)
class ReleaseFlow:
    """The operator as installed; the release is ordered by one write to the flow."""

    environment: Environment
    observer: Observer
    migration: dict[str, Any]
    """The part of the flow that says what is checked and migrated."""
    name: str

    async def set_up(self) -> None:
        """Release the first image, as the first sight of a flow does."""
        began = time.monotonic()
        await self.environment.create(DEPLOYMENT, deployment(self.name, IMAGES[0]))
        await self.environment.create(Resource.FLOW, flow(self.name, IMAGES[0], self.migration, lock_key=self.name))
        await self._released(IMAGES[0], began)

    async def release(self, image: str, number: str) -> None:
        """Order a release, and wait until the flow says that it is done."""
        began = time.monotonic()
        await self.environment.kube.merge_patch(
            Resource.FLOW, self.environment.namespace, self.name, {"spec": {"image": image}}
        )
        await self._released(image, began)

    async def _released(self, image: str, began: float) -> None:
        await self.observer.first(
            lambda seen: seen.is_of(Resource.FLOW, self.name) and is_released(seen.raw, image),
            began,
            what="the release",
        )


@dataclass(frozen=True)
class BareWatcher:
    """The least that a program can do: create a Job, watch it to its condition, create the next, set the image."""

    environment: Environment
    jobs: Observer
    """A watch of its own on Jobs, open before the release begins."""
    templates: tuple[Template, ...]
    name: str = "watcher"

    async def release(self, image: str, number: str) -> None:
        """Release at once; nobody has to order it."""
        for template in self.templates:
            began = time.monotonic()
            name = name_of(await self.environment.create(Resource.JOB, template.job(number, image)))
            await self.jobs.first(_has_condition(name), began, what=f"the end of Job {name}")
        change = [{"op": "replace", "path": IMAGE_PATH, "value": image}]
        await self.environment.kube.json_patch(DEPLOYMENT, self.environment.namespace, self.name, change)


@dataclass(frozen=True)
class Helm:
    """`helm upgrade` with two hooks, each a Job of one container that runs `true`."""

    environment: Environment
    folder: Path
    name: str = "helm"

    async def set_up(self) -> None:
        """Write the chart, and install it with the first image."""
        files = {"Chart.yaml": json.dumps({"apiVersion": "v2", "name": "bench", "version": "1.0.0"})}
        files["templates/deployment.yaml"] = json.dumps(deployment(self.name, "{{ .Values.image }}"))
        files |= {f"templates/{weight}.yaml": _hook(weight) for weight in range(HOOKS)}
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        await self._helm("install", IMAGES[0], "first")

    async def release(self, image: str, number: str) -> None:
        """Run the upgrade."""
        await self._helm("upgrade", image, number)

    async def _helm(self, verb: str, image: str, number: str) -> None:
        values = f"--set=image={image},number={number}"
        await run("helm", verb, self.name, str(self.folder), f"--namespace={self.environment.namespace}", values)


async def run(*words: str) -> None:
    """Run a program to its end.

    Raises:
        RuntimeError: It failed.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=pipe)
    _, said = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{shlex.join(words)} failed: {said.decode(errors='replace').strip()}")


def _has_condition(name: str) -> Callable[[Observation], bool]:
    """Tell a Job with a condition: that of the check fails, since something is pending."""
    return lambda seen: (
        seen.is_of(Resource.JOB, name)
        and (is_condition_true(seen.raw, "Complete") or is_condition_true(seen.raw, "Failed"))
    )


def _hook(weight: int) -> str:
    """Return a hook that does nothing; a name of its own for each release spares Helm the deletion of the last one."""
    container = {"name": "hook", "image": "{{ .Values.image }}", "imagePullPolicy": "IfNotPresent", "command": ["true"]}
    pod = {"restartPolicy": "Never", "containers": [container], "automountServiceAccountToken": False}
    annotations = {"helm.sh/hook": "pre-upgrade", "helm.sh/hook-weight": str(weight)}
    metadata = {"name": f"hook-{weight}-{{{{ .Values.number }}}}", "annotations": annotations}
    spec = {"backoffLimit": 0, "template": {"spec": pod}}
    return json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec})

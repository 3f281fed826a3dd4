"""Four ways to back up, migrate and only then move an image; each with a Deployment of its own name."""

import asyncio
import json
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from releaseflow.kube.resources import Resource
from releaseflow.unstructured import is_condition_true, name_of
from tests.bench.environment import Environment
from tests.bench.objects import CONTAINER, IMAGES, TWO_JOBS, deployment, flow, is_released
from tests.bench.observer import Observation, Observer
from tests.bench.templates import IMAGE, NUMBER, Template
from tests.support.objects import DEPLOYMENT

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
    name: str = "releaseflow"

    async def set_up(self) -> None:
        """Release the first image, as the first sight of a flow does."""
        began = time.monotonic()
        await self.environment.create(DEPLOYMENT, deployment(self.name, IMAGES[0]))
        await self.environment.create(Resource.FLOW, flow(self.name, IMAGES[0], TWO_JOBS))
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
    """The least that a program can do: create a Job, watch it to its end, create the next, set the image."""

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
            await self.jobs.first(_is_complete(name), began, what=f"the end of Job {name}")
        change = [{"op": "replace", "path": IMAGE_PATH, "value": image}]
        await self.environment.kube.json_patch(DEPLOYMENT, self.environment.namespace, self.name, change)


@dataclass(frozen=True)
class Script:
    """What people write into a pipeline: kubectl create, kubectl wait, kubectl set image."""

    environment: Environment
    templates: tuple[Template, ...]
    folder: Path
    name: str = "script"

    async def release(self, image: str, number: str) -> None:
        """Run the script."""
        kubectl = f"{shlex.quote(self.environment.kubectl.binary)} --namespace={self.environment.namespace}"
        lines = ["set -eu"]
        for template in self.templates:
            job = template.job(number, image)
            path = self.folder / f"{name_of(job)}.json"
            path.write_text(json.dumps(job), encoding="utf-8")
            lines += [f"{kubectl} create --filename={shlex.quote(str(path))}"]
            lines += [f"{kubectl} wait --for=condition=complete --timeout=300s job/{name_of(job)}"]
        lines += [f"{kubectl} set image deployment/{self.name} {CONTAINER}={image}"]
        await run("sh", "-c", "\n".join(lines))


@dataclass(frozen=True)
class Helm:
    """`helm upgrade` with the two Jobs as pre-upgrade hooks."""

    environment: Environment
    templates: tuple[Template, ...]
    folder: Path
    name: str = "helm"

    async def set_up(self) -> None:
        """Write the chart, and install it with the first image."""
        files = {"Chart.yaml": json.dumps({"apiVersion": "v2", "name": "bench", "version": "1.0.0"})}
        files["templates/deployment.yaml"] = json.dumps(deployment(self.name, "{{ .Values.image }}"))
        for weight, template in enumerate(self.templates):
            files[f"templates/{weight}.yaml"] = _hook(template, weight)
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


def _is_complete(name: str) -> Callable[[Observation], bool]:
    return lambda seen: seen.is_of(Resource.JOB, name) and is_condition_true(seen.raw, "Complete")


def _hook(template: Template, weight: int) -> str:
    """Return a Job as a hook; a name of its own for each release spares Helm the deletion of the one before.

    Raises:
        ValueError: The Job's text means something to Helm.
    """
    if "{{" in template.text:
        raise ValueError("the Job's text has {{ in it, which Helm would read: change it in releaseflow.jobs")
    job = json.loads(template.text)
    job["metadata"]["annotations"] = {"helm.sh/hook": "pre-upgrade", "helm.sh/hook-weight": str(weight)}
    return json.dumps(job).replace(NUMBER, "{{ .Values.number }}").replace(IMAGE, "{{ .Values.image }}")

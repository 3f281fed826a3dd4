"""The Jobs that the operator made, without what makes them the operator's: the watcher runs the very same pods."""

import json
from dataclasses import dataclass

from releaseflow.api.v1alpha1.metadata import RUN_NAME_LABEL, STEP_LABEL
from releaseflow.unstructured import Object, label
from tests.bench.objects import containers_of

NUMBER, IMAGE = "@NUMBER@", "@IMAGE@"
STEPS = ("Check", "Backup", "Migrate")
_LEFT_TO_THE_CLUSTER = frozenset({"selector", "suspend", "manualSelector"})


@dataclass(frozen=True)
class Template:
    """A Job as text, with a place for the number of the release and one for the image."""

    text: str

    def job(self, number: str, image: str) -> Object:
        """Return the Job of a release."""
        made: Object = json.loads(self.filled(number, image))
        return made

    def filled(self, number: str, image: str) -> str:
        """Return the Job of a release as JSON."""
        return self.text.replace(NUMBER, number).replace(IMAGE, image)


def templates(jobs: list[Object], image: str) -> tuple[Template, ...]:
    """Return what the bare watcher creates: check, backup, migration."""
    return tuple(_template(next(job for job in jobs if label(job, STEP_LABEL) == step), step, image) for step in STEPS)


def _template(job: Object, step: str, image: str) -> Template:
    """Take our labels and finalizer off, since the operator answers to them; the pod's spec stays as it is."""
    job = json.loads(json.dumps(job))
    for container in containers_of(job):
        container["image"] = IMAGE if container["image"] == image else container["image"]
    spec = {key: value for key, value in job["spec"].items() if key not in _LEFT_TO_THE_CLUSTER}
    made = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{step.lower()}-{NUMBER}"},
        "spec": spec | {"template": {"spec": job["spec"]["template"]["spec"]}},
    }
    return Template(json.dumps(made).replace(label(job, RUN_NAME_LABEL), f"bench-{NUMBER}"))

"""A team's namespace: the shop of the example, its database, its backups, and its flow."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.e2e.api import PATHS, read
from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.database import Database
from tests.e2e.stories.waiting import until

Raw = dict[str, Any]


def image(version: str) -> str:
    """Return the image of a version of the shop."""
    return f"localhost/releaseflow/shop:{version}"


@dataclass(frozen=True)
class Shop:
    """What a user does with kubectl in the shop's namespace, and what a user sees there."""

    kubectl: Kubectl
    database: Database

    def deploy(self, version: str, name: str = "shop", **container: Any) -> None:
        """Apply a Deployment of the shop as the team would; `command` and others go into the container."""
        self.kubectl("apply", "--filename=-", document=deployment(name, version, **container))

    def secret(self, url: str | None = None, name: str = "shop-db") -> None:
        """Write the Secret with the connection URL."""
        data = {"url": self.database.url if url is None else url}
        self.apply("v1", "Secret", name, stringData=data)

    def claim(self, name: str = "shop-backups", storage_class: str = "standard") -> None:
        """Apply a claim for backups."""
        resources = {"requests": {"storage": "1Gi" if storage_class == "standard" else "4Mi"}}
        spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": resources}
        self.apply("v1", "PersistentVolumeClaim", name, spec=spec)

    def flow(self, version: str, name: str = "shop", **changes: Any) -> None:
        """Apply a flow; changes are merged into its spec, one level deep; None leaves a field out."""
        spec = flow_spec(version)
        for key, value in changes.items():
            merged = {**spec[key], **value} if isinstance(spec.get(key), dict) and isinstance(value, dict) else value
            spec[key] = {k: v for k, v in merged.items() if v is not None} if isinstance(merged, dict) else merged
        given = {key: value for key, value in spec.items() if value is not None}
        self.apply("releaseflow.dev/v1alpha1", "ReleaseFlow", name, spec=given)

    def apply(self, api_version: str, kind: str, name: str, **body: Any) -> None:
        """Apply any object."""
        document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **body}
        self.kubectl("apply", "--filename=-", document=document)

    def release(self, version: str, name: str = "shop") -> None:
        """Ask for a version, as CI would."""
        self.kubectl("patch", "rflow", name, "--type=merge", f'--patch={{"spec":{{"image":"{image(version)}"}}}}')

    def command(self, word: str, value: str, name: str = "shop") -> None:
        """Give a flow a command by its annotation."""
        self.kubectl("annotate", "rflow", name, "--overwrite", f"releaseflow.dev/{word}={value}")

    def get(self, kind: str, name: str, *options: str) -> Raw:
        """Return an object."""
        if kind not in PATHS:
            return dict(self.kubectl("get", kind, name, "--output=json"))
        return dict(read(kind, self.kubectl.namespace, name))

    def all(self, kind: str, selector: str = "") -> list[Raw]:
        """Return all objects of a kind, oldest first."""
        found = read(kind, self.kubectl.namespace, selector=selector)
        return sorted(found["items"], key=lambda raw: (raw["metadata"]["creationTimestamp"], raw["metadata"]["name"]))

    def live(self, name: str = "shop") -> str:
        """Return the image in a Deployment's template."""
        spec = self.get("deployment", name)["spec"]["template"]["spec"]
        return str(spec["containers"][0]["image"])

    def runs(self) -> list[Raw]:
        """Return the runs, oldest first."""
        return self.all("mrun")

    def condition(self, kind: str, name: str, condition: str = "Ready") -> Raw:
        """Return a condition of the object's present generation; empty where there is none yet."""
        found = self.get(kind, name)
        for one in found.get("status", {}).get("conditions", []):
            if one["type"] == condition and one["observedGeneration"] >= found["metadata"]["generation"]:
                return dict(one)
        return {}

    def ready(self, name: str = "shop", seconds: float = 180) -> Raw:
        """Wait until a flow is ready."""
        return self.until_condition("rflow", name, lambda c: c.get("status") == "True", seconds, "Ready=True")

    def stalled(self, reason: str, name: str = "shop", seconds: float = 180) -> Raw:
        """Wait until a flow is stalled for a reason; returns its status."""
        self.until_condition("rflow", name, lambda c: c.get("reason") == reason, seconds, reason, "Stalled")
        return dict(self.get("rflow", name)["status"])

    def waits(self, reason: str, name: str = "shop", seconds: float = 120) -> Raw:
        """Wait until a flow is not ready for a reason."""
        return self.until_condition("rflow", name, lambda c: c.get("reason") == reason, seconds, reason)

    def until_condition(  # noqa: PLR0913, PLR0917 - what a wait needs
        self, kind: str, name: str, is_so: Any, seconds: float, what: str, condition: str = "Ready"
    ) -> Raw:
        """Wait until a condition is so."""
        return until(lambda: self.condition(kind, name, condition), is_so, seconds, f"{kind}/{name} {what}")

    def pods(self, name: str = "shop") -> list[Raw]:
        """Return the pods of a workload that are not on their way out, oldest first."""
        return [pod for pod in self.all("pods", f"app={name}") if "deletionTimestamp" not in pod["metadata"]]

    def pod_uids(self, name: str = "shop") -> set[str]:
        """Return the UIDs of these pods."""
        return {pod["metadata"]["uid"] for pod in self.pods(name)}

    def images(self, name: str = "shop") -> list[str]:
        """Return the image of the first container of each of these pods."""
        return [pod["spec"]["containers"][0]["image"] for pod in self.pods(name)]

    def serves(self, name: str = "shop") -> str:
        """Return the version that a ready pod of a Deployment answers over HTTP with."""
        ask = "import json, urllib.request as u; print(json.load(u.urlopen('http://127.0.0.1:8000/readyz'))['version'])"
        pods = [pod for pod in self.pods(name) if _is_ready(pod)]
        assert pods, f"no pod of {name} is ready"
        return str(self.kubectl("exec", pods[0]["metadata"]["name"], "--", "python3", "-c", ask)).strip()

    def warned(self, kind: str, name: str, reason: str) -> None:
        """Wait for a Warning event about an object: events are posted beside the work, a moment after the status."""
        chosen = f"--field-selector=type=Warning,involvedObject.kind={kind},involvedObject.name={name}"
        show = "--output=jsonpath={.items[*].reason}"
        what = f"a warning {reason} about {kind} {name}"
        until(lambda: str(self.kubectl("get", "events", chosen, show)), lambda said: reason in said.split(), 30, what)

    def columns(self, kind: str, name: str) -> dict[str, str]:
        """Return what `kubectl get` prints about an object, by column; a cell may be empty."""
        head, row = self.kubectl("get", kind, name).splitlines()
        begins = [*(found.start() for found in re.finditer(r"\S+", head)), max(len(head), len(row))]
        return {head[a:b].strip(): row[a:b].strip() for a, b in pairwise(begins)}

    def restarts(self, name: str = "shop") -> int:
        """Return how often containers of a Deployment were restarted."""
        return restarts_of(self.all("pods", f"app={name}"))


def deployment(name: str, version: str, replicas: int = 1, beside: Raw | None = None, **container: Any) -> Raw:
    """Return a Deployment of the shop; its pods end at once, since no story waits for visitors to leave.

    Args:
        name: The Deployment's name.
        version: The shop's version.
        replicas: How many pods it has.
        beside: What its pods have beside their container.
        container: What the container has beside the usual.
    """
    labels = {"app": name}
    env = [
        {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}},
        {"name": "SECRET_KEY", "value": "for-the-stories-only"},
    ]
    web: Raw = {
        "name": "web",
        "image": image(version),
        "imagePullPolicy": "IfNotPresent",
        "env": env,
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8000}, "periodSeconds": 1, "timeoutSeconds": 5},
        **container,
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [web], "terminationGracePeriodSeconds": 1, **(beside or {})},
    }
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": template,
        "strategy": strategy,
        "progressDeadlineSeconds": 60,
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def restarts_of(pods: list[Raw]) -> int:
    """Return how often containers of pods were restarted."""
    return sum(c["restartCount"] for pod in pods for c in pod["status"].get("containerStatuses", []))


def _is_ready(pod: Raw) -> bool:
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"


def flow_spec(version: str) -> Raw:
    """Return the five lines of the common case."""
    return {
        "image": image(version),
        "targets": [{"name": "shop"}],
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}},
        "backup": {"persistentVolumeClaim": {"claimName": "shop-backups"}},
        "migration": {"tool": "Django", "compatibility": "Additive"},
        "promotion": {},
    }

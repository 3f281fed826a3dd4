"""A namespace to measure in: with a real PostgreSQL, a claim for backups, and nothing left of it afterwards."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releaseflow.api.v1alpha1.metadata import LOCK_NAMESPACE
from releaseflow.kube.client import Client
from releaseflow.kube.resources import Resource
from tests.bench.progress import say
from tests.e2e.kubectl import Kubectl, RefusedError
from tests.e2e.stories.installation import NAMESPACE as OPERATOR

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
DATABASE_SECONDS, REMOVAL_SECONDS = 120, 240
ROWS = "create table item as select n as id, md5(n::text) as name from generate_series(1, 1000) as n"


@dataclass(frozen=True)
class Cluster:
    """Two ways to the cluster: as people go, and as programs go."""

    kubectl: Kubectl
    kube: Client


@dataclass(frozen=True)
class Environment:
    """The namespace of one part of the benchmark."""

    kubectl: Kubectl
    kube: Client
    namespace: str

    async def run(self, *words: str, document: object = None) -> Any:
        """Run kubectl in the namespace, beside whatever else goes on."""
        return await asyncio.to_thread(self.kubectl, *words, document=document)

    async def create(self, kind: Resource, body: dict[str, Any]) -> dict[str, Any]:
        """Create an object."""
        return await self.kube.create(kind, self.namespace, body)

    async def start_database(self) -> None:
        """Start the example's PostgreSQL with a table in it, and make its claim for backups."""
        await self.run("apply", f"--filename={SHOP / 'postgres.yaml'}", f"--filename={SHOP / 'backups.yaml'}")
        await self.run("rollout", "status", "deployment/postgres", f"--timeout={DATABASE_SECONDS}s")
        await self.run("exec", "deployment/postgres", "--", "psql", "-U", "shop", "-d", "shop", "-Xqc", ROWS)


@asynccontextmanager
async def environment(cluster: Cluster, part: str) -> AsyncIterator[Environment]:
    """Make a namespace for a part, and remove it with everything that came to be because of it."""
    name = f"bench-{part}-{uuid.uuid4().hex[:6]}"
    kubectl = Kubectl(cluster.kubectl.binary, cluster.kubectl.cache, name, REMOVAL_SECONDS + 10)
    kubectl("create", "namespace", name)
    try:
        yield Environment(kubectl, cluster.kube, name)
    finally:
        say(f"  removing {name}")
        await asyncio.shield(asyncio.to_thread(_remove, kubectl))


def _remove(kubectl: Kubectl) -> None:
    try:
        kubectl("delete", "namespace", kubectl.namespace, f"--timeout={REMOVAL_SECONDS}s")
    except RefusedError as refused:
        say(f"  {kubectl.namespace} is not gone yet: {refused}; see: kubectl get ns {kubectl.namespace} -o yaml")
    operator = kubectl.within(OPERATOR)
    locks = json.loads(operator("get", "leases", "--selector=releaseflow.dev/lock", "-o", "json"))["items"]
    ours = [lock["metadata"] for lock in locks]
    names = [m["name"] for m in ours if m.get("annotations", {}).get(LOCK_NAMESPACE) == kubectl.namespace]
    if names:
        operator("delete", "lease", *names)

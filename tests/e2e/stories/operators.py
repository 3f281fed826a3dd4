"""The operator's own pods: which of them leads, how one is killed, and how one is stopped in order."""

import json
import time
from dataclasses import dataclass
from datetime import datetime

from tests.e2e.kubectl import Kubectl
from tests.e2e.stories.database import NAMESPACE as STORIES
from tests.e2e.stories.installation import NAMESPACE
from tests.e2e.stories.shop import Raw, image, restarts_of
from tests.e2e.stories.waiting import until

KILLER = "killer"
_UID = 65532
_KILL = """
import os, signal, sys
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        groups, words = (open(f"/proc/{pid}/{name}").read() for name in ("cgroup", "cmdline"))
    except OSError:
        continue
    if sys.argv[1] in groups.replace("_", "-") and "releaseflow" in words:
        os.kill(int(pid), signal.SIGKILL)
        print(pid)
"""


@dataclass(frozen=True)
class Leadership:
    """Who leads, and since when by the clock of the cluster."""

    holder: str
    acquired: datetime


@dataclass(frozen=True)
class Operators:
    """The operator as its Pods and its Lease show it."""

    kubectl: Kubectl

    @property
    def system(self) -> Kubectl:
        """Kubectl in the operator's namespace."""
        return self.kubectl.within(NAMESPACE)

    def leadership(self) -> Leadership:
        """Return who leads; nobody does while the Lease is given back."""
        spec = self.system("get", "lease", "releaseflow-leader", "--output=json")["spec"]
        return Leadership(str(spec.get("holderIdentity", "")), datetime.fromisoformat(spec["acquireTime"]))

    def leads(self, but: str = "", seconds: float = 60) -> Leadership:
        """Wait until a pod leads that is not the given one."""
        return until(self.leadership, lambda now: now.holder not in {"", but}, seconds, "a leader")

    def pods(self) -> list[Raw]:
        """Return its pods."""
        selector = "--selector=app.kubernetes.io/name=releaseflow"
        return list(self.system("get", "pods", selector, "--output=json")["items"])

    def restarts(self) -> int:
        """Return how often its containers were restarted."""
        return restarts_of(self.pods())

    def restart(self) -> None:
        """Replace all its pods, and wait for the new ones."""
        self.system("rollout", "restart", "deployment/releaseflow")
        self.settled()

    def settled(self) -> None:
        """Wait until all replicas are ready."""
        self.system("rollout", "status", "deployment/releaseflow", "--timeout=60s")

    def stop(self, pod: str) -> None:
        """Stop a pod in order."""
        self.system("delete", "pod", pod, "--wait=false")

    def remove(self, pod: str) -> None:
        """Remove a pod at once, as if its machine was gone."""
        self.system("delete", "pod", pod, "--grace-period=0", "--force", "--wait=false")

    def kill(self, pod: str) -> bool:
        """Send SIGKILL to the process of a pod, as the kernel would when memory runs out; whether it was there.

        A pod that sees the processes of its node does it: any Linux node will do. The pod to kill may be gone already:
        after an upgrade the Lease names the old leader for a moment longer.
        """
        uid = str(self.system("get", "pod", pod, "--ignore-not-found", "--output=jsonpath={.metadata.uid}"))
        if not uid:
            return False
        words = ("exec", KILLER, "--", "python3", "-c", _KILL, uid)
        return bool(str(self.kubectl.within(STORIES)(*words)).strip())

    def bring_killer(self) -> None:
        """Have the pod that kills."""
        security = {"runAsUser": _UID, "runAsGroup": _UID}
        container = {"name": KILLER, "image": image("v1"), "command": ["sleep", "infinity"]}
        spec = {"hostPID": True, "terminationGracePeriodSeconds": 0, "securityContext": security}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": KILLER},
            "spec": {**spec, "containers": [{**container, "imagePullPolicy": "IfNotPresent"}]},
        }
        stories = self.kubectl.within(STORIES)
        stories("apply", "--filename=-", document=pod)
        stories("wait", "--for=condition=Ready", f"pod/{KILLER}", "--timeout=60s")

    def handovers(self, pod: str, seconds: float) -> list[tuple[float, str]]:
        """Stop a pod in order, and return each change of the holder with the seconds since then."""
        began, seen = time.monotonic(), [(0.0, pod)]
        self.stop(pod)
        while time.monotonic() < began + seconds and seen[-1][1] in {"", pod}:
            raw = self.system("get", "lease", "releaseflow-leader", "--output=jsonpath={.spec}")
            holder = json.loads(raw).get("holderIdentity", "")
            if holder != seen[-1][1]:
                seen.append((time.monotonic() - began, holder))
        return seen

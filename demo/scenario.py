"""The story: adopt version 1, release 2, see 3 fail, release 4, then 5 in gate mode; where a part fails, it stops."""

import json
import time

import yaml

from demo import load
from demo.commands import Cluster
from demo.errors import DemoError
from demo.objects import holds
from demo.progress import Progress
from demo.setup import NAMESPACE, SHOP, has_gate
from demo.state import Line, Tone
from demo.terminal import Terminal
from demo.visitor import BUYS_EACH

IMAGE = "localhost/releaseflow/shop:"
LOOK_SECONDS = 4.0
"""Long enough to see that nothing moves."""
SHOWN_LINES = 8


class Scenario:
    """Plays the parts, and follows what happens meanwhile."""

    def __init__(self, cluster: Cluster, screen: Terminal, following: Progress) -> None:
        self.cluster = cluster
        self.screen = screen
        self.following = following
        self.scene = following.scene

    def play(self) -> None:
        """Play all parts."""
        self.visit()
        self.adopt()
        self.screen.begin_picture()
        self.release("v2", "Version 2 adds a column: backed up, the backup proven, migrated, promoted")
        self.fail()
        self.screen.end_picture()
        self.repair()
        self.following.look(LOOK_SECONDS)
        if has_gate(self.cluster):
            self.gate()
        else:
            self.screen.tell(Line("demo", "this cluster is older than Kubernetes 1.36: mode Gate is not shown"))

    def visit(self) -> None:
        """Let the visitors come, and see the shop before anything is released."""
        self.screen.act(f"Visitors: {load.RATE} requests a second on the Service, one of {BUYS_EACH} adds an item")
        load.start(self.cluster)
        self.following.watches.follow(load.POD)
        self.following.watches.open()
        self.screen.live()
        self.following.look(LOOK_SECONDS)
        self.serves("v1")

    def adopt(self) -> None:
        """Apply the flow at the version that runs: one check, and no pod is touched."""
        self.screen.act("ReleaseFlow takes the shop over at version 1: nothing is pending, so nothing is restarted")
        before = {pod.uid: pod.restarts for pod in self.scene.shop_pods}
        flow = yaml.safe_load((SHOP / "releaseflow.yaml").read_text())
        flow["spec"]["image"] = IMAGE + "v1"
        self.screen.command(
            f"sed s/shop:v2/shop:v1/ examples/shop/releaseflow.yaml | kubectl -n {NAMESPACE} apply -f -"
        )
        self.cluster.kubectl("apply", "--filename=-", stdin=json.dumps(flow))
        self.until_released(0)
        if {pod.uid: pod.restarts for pod in self.scene.shop_pods} != before:
            raise DemoError(f"pods were restarted though nothing was pending; see: kubectl get events -n {NAMESPACE}")
        self.good("adopted: the very same pods serve, none was restarted")

    def release(self, wanted: str, title: str) -> None:
        """Release a version by a patch, and see it through."""
        self.screen.act(title)
        sequence = self.following.flow.sequence
        self.patch(wanted)
        self.until_released(sequence)
        self.good(f"{wanted} is released")
        self.following.look(LOOK_SECONDS)

    def fail(self) -> None:
        """Release the version whose migration fails halfway: it is held, the old one serves."""
        self.screen.act("Version 3: its migration fails halfway; the release is held, and version 2 goes on to serve")
        sequence = self.following.flow.sequence
        self.patch("v3")
        self.following.until(lambda: self.following.ended(sequence), "the end of the release of v3")
        if not holds(self.following.flow.conditions, "Stalled"):
            raise DemoError(f"v3 was released though its migration fails; see: kubectl describe rflow -n {NAMESPACE}")
        self.following.look(LOOK_SECONDS)
        self.show("get", "rflow")
        self.show("get", "mrun")
        self.show("describe", "deployment", "shop", only_from="Events:")
        self.show_failure()
        self.serves("v2")

    def repair(self) -> None:
        """Release the repaired version: a new image alone starts nothing; a person's word does."""
        self.screen.act(
            "Version 4 is the repair. A new image alone starts nothing: no person has inspected the database"
        )
        sequence = self.following.flow.sequence
        self.patch("v4")
        self.following.look(LOOK_SECONDS)
        self.show("get", "rflow")
        if self.following.flow.sequence != sequence:
            raise DemoError(f"a release was started without a retry. See: kubectl get mrun -n {NAMESPACE}")
        self.serves("v2")
        self.screen.act(
            "A person has inspected it, and says so with the annotation `retry`: new check, new backup, migrated"
        )
        self.run("annotate", "rflow", "shop", "--overwrite", f"releaseflow.dev/retry={int(time.time())}")
        self.until_released(sequence)
        self.good("v4 is released")

    def gate(self) -> None:
        """Let admission hold the Deployment, and release a version by its image alone.

        Raises:
            DemoError: The Deployment goes on at once.
        """
        self.screen.act("Gate mode: from here on the image is where it always was, in the Deployment")
        self.run("label", "deployment", "shop", "releaseflow.dev/gate=shop")
        self.run(
            "patch", "rflow", "shop", "--type=merge", "--patch", json.dumps({"spec": {"mode": "Gate", "image": None}})
        )
        self.following.until(self._is_gating, "the change of the flow's mode")
        self.screen.act("Version 5 by `kubectl set image`: paused in the same write, backed up, migrated, resumed")
        sequence = self.following.flow.sequence
        self.run("set", "image", "deployment/shop", f"web={IMAGE}v5")
        if not self.cluster.read("get", "deployment", "shop")["spec"].get("paused"):
            raise DemoError(f"the new image is not held; see: kubectl get mutatingadmissionpolicy,mrun -n {NAMESPACE}")
        self.good("the Deployment is paused: v5 waits for its migration, v4 serves")
        self.until_released(sequence)
        self.good("v5 is released")
        self.following.look(LOOK_SECONDS)

    def _is_gating(self) -> bool:
        flow = self.following.flow
        return flow.mode == "Gate" and flow.seen and holds(flow.conditions, "Ready")

    def until_released(self, after: int) -> None:
        """Wait for the good end of a release with a higher number.

        Raises:
            DemoError: It ended badly, or takes too long.
        """
        self.following.until(lambda: self.following.ended(after), "the end of the release")
        if not holds(self.following.flow.conditions, "Ready"):
            self.show_failure()
            raise DemoError(f"the release is held. See: kubectl describe rflow,mrun -n {NAMESPACE}")

    def serves(self, expected: str) -> None:
        """See that one version answers, and no other.

        Raises:
            DemoError: Another one does, or none.
        """
        last = self.scene.visits[-int(load.RATE * LOOK_SECONDS / 2) :]
        if {visit.version for visit in last} != {expected}:
            raise DemoError(f"not only {expected} answers. See: kubectl get pods -n {NAMESPACE}")
        self.good(f"{expected} answered all of the last {len(last)} requests", who="visitors")

    def patch(self, wanted: str) -> None:
        """Ask for a version."""
        self.run("patch", "rflow", "shop", "--type=merge", "--patch", json.dumps({"spec": {"image": IMAGE + wanted}}))

    def run(self, *words: str) -> None:
        """Show a kubectl command, and run it."""
        quoted = [f"'{word}'" if "{" in word else word for word in words]
        self.screen.command(" ".join(["kubectl", "-n", NAMESPACE, *quoted]))
        self.cluster.kubectl(*words)

    def show(self, *words: str, only_from: str = "") -> None:
        """Show a kubectl command and what it prints, from some words on."""
        end = f" | sed -n '/^{only_from}/,$p'" if only_from else ""
        self.screen.command(" ".join(["kubectl", "-n", NAMESPACE, *words]) + end)
        printed = self.cluster.kubectl(*words)
        self.screen.quote(printed[max(printed.find(only_from), 0) :])

    def show_failure(self) -> None:
        """Show what the status says of the failure."""
        failure = self.following.flow.failure or (self.scene.run.failure if self.scene.run else None)
        if failure is None:
            return
        where = f"step {failure.step}, reason {failure.reason}, exit code {failure.exit_code}, pod {failure.pod}"
        self.screen.tell(Line("failure", where, Tone.BAD))
        self.screen.quote("\n".join(failure.log_tail.rstrip().splitlines()[-SHOWN_LINES:]), Tone.BAD)
        self.screen.tell(Line("hint", failure.hint))

    def good(self, what: str, who: str = "demo") -> None:
        """Say that something is as it should be."""
        self.screen.tell(Line(who, what, Tone.GOOD))

"""The load: a pod beside the shop that visits its Service, and what it wrote down."""

import json
from pathlib import Path

from demo.commands import Cluster
from demo.errors import DemoError
from demo.visits import Sent, Visit, line

POD = "visitor"
URL = "http://shop/items"
RATE = 20
LONGEST_SECONDS = 900
"""The load ends by itself, also where the demo was killed."""
IMAGE = "localhost/releaseflow/shop:v1"
SCRIPT = Path(__file__).with_name("visitor.py")


def start(cluster: Cluster) -> None:
    """Start the load; its pod is not behind the shop's Service."""
    objects = {"apiVersion": "v1", "kind": "List", "items": [script(), pod()]}
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(objects))
    cluster.kubectl("wait", "--for=condition=Ready", f"pod/{POD}", "--timeout=60s")


def stop(cluster: Cluster) -> tuple[list[Visit], int]:
    """Let the load finish what is under way; return all visits, and how many were sent.

    Raises:
        DemoError: The log is not whole.
    """
    cluster.kubectl("exec", POD, "--", "sh", "-c", "kill -TERM 1")
    cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{POD}", "--timeout=60s")
    said = [line(text) for text in cluster.kubectl("logs", POD).splitlines()]
    sent = [each.number for each in said if isinstance(each, Sent)]
    if not sent:
        raise DemoError(f"the load did not end as it should; see: kubectl logs {POD} -n {cluster.namespace}")
    return [each for each in said if isinstance(each, Visit)], sent[0]


def remove(cluster: Cluster) -> None:
    """Stop the load of a demo that is not played to its end."""
    cluster.kubectl("delete", "pod", POD, "--ignore-not-found", "--wait=false")


def script() -> dict[str, object]:
    """Return the ConfigMap with the program of the visitor."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": POD},
        "data": {SCRIPT.name: SCRIPT.read_text()},
    }


def pod() -> dict[str, object]:
    """Return the visitor's pod."""
    restricted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": POD, "labels": {"app.kubernetes.io/name": POD}},
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": LONGEST_SECONDS + 60,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": POD,
                    "image": IMAGE,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python3", f"/visitor/{SCRIPT.name}", URL, str(RATE), str(LONGEST_SECONDS)],
                    "securityContext": restricted,
                    "volumeMounts": [{"name": POD, "mountPath": "/visitor", "readOnly": True}],
                }
            ],
            "volumes": [{"name": POD, "configMap": {"name": POD}}],
        },
    }

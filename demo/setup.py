"""Sets the stage: cluster, operator, database, and the shop at version 1 with its shelves full."""

import hashlib
import json
import os

from demo.commands import REPOSITORY, Cluster, drive
from demo.errors import DemoError
from demo.state import Line
from demo.terminal import Terminal

NAMESPACE = "shop-demo"
OPERATOR_NAMESPACE = "releaseflow-system"
OURS = "releaseflow.dev/demo"
LOCK_NAMESPACE = "releaseflow.dev/lock-namespace"
IMAGES = ("operator:dev", "client:dev", "postgres:15", "shop:v1", "shop:v2", "shop:v3", "shop:v4", "shop:v5")
PREFIX = "localhost/releaseflow/"
CHOICE = "RELEASEFLOW_CLUSTER"
CONTEXT = "context:"
MANIFESTS = REPOSITORY / "deploy"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
SHOP = REPOSITORY / "examples" / "shop"
ITEMS = 50_000
CONNECT = """
import socket, sys, time
for _ in range(120):
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1).close()
        break
    except OSError as error:
        reason = error
        time.sleep(0.5)
else:
    sys.exit(f"{sys.argv[1]} does not answer: {reason}")
"""
"""Run in a pod: a database that is ready is found through its Service a little later, when every node knows of it."""
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


def have_cluster(screen: Terminal) -> Cluster:
    """Have a cluster that runs and holds the images; the driver says what it does."""
    if os.environ.get(CHOICE, "").startswith(CONTEXT):
        screen.act("A Kubernetes cluster (tools/cluster/cluster up); it is yours, so it must hold these images already")
        screen.tell(Line("demo", " ".join(PREFIX + image for image in IMAGES)))
        drive("up")
    else:
        screen.act("A Kubernetes cluster, and the images in it (tools/cluster/cluster ready)")
        drive("ready", *IMAGES)
    return Cluster(NAMESPACE)


def set_up(cluster: Cluster, screen: Terminal) -> None:
    """Have operator, database and shop, all new but the operator."""
    screen.act(f"The operator by its plain manifests, and an empty namespace {NAMESPACE}")
    install_operator(cluster, screen)
    clear(cluster, screen)
    screen.act("A shop that runs: PostgreSQL, a claim for backups, two pods of version 1 behind a Service")
    open_shop(cluster, screen)


def install_operator(cluster: Cluster, screen: Terminal) -> None:
    """Apply the manifests, whatever was installed before; the pods are new where their code is."""
    screen.command("kubectl apply --server-side --force-conflicts -k deploy")
    manifests = cluster.kubectl("kustomize", str(MANIFESTS))
    place = f"--namespace={OPERATOR_NAMESPACE}"
    cluster.kubectl("apply", place, "--server-side", "--force-conflicts", "--filename=-", stdin=manifests)
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", f"--filename={REPOSITORY / 'crds'}")
    if has_gate(cluster):
        screen.command("kubectl apply --server-side --force-conflicts -f deploy/gate.yaml")
        cluster.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={MANIFESTS / 'gate.yaml'}")
    template = {"metadata": {"annotations": {"releaseflow.dev/source": source_key()}}}
    patch = json.dumps({"spec": {"template": template}})
    cluster.kubectl("patch", place, "deployment/releaseflow", f"--patch={patch}")


def has_gate(cluster: Cluster) -> bool:
    """Whether the cluster knows the policies of gate mode: Kubernetes 1.36 and later."""
    return '"mutatingadmissionpolicies"' in cluster.kubectl("get", f"--raw={ADMISSION}")


def source_key() -> str:
    """Return a hash of what the operator's image is made of: its tag stays the same when its code changes."""
    digest = hashlib.sha256()
    for file in [REPOSITORY / "requirements.txt", *sorted((REPOSITORY / "operator").rglob("*"))]:
        if file.suffix in {".py", ".sql", ".toml", ".txt"}:
            digest.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def clear(cluster: Cluster, screen: Terminal) -> None:
    """Delete what an earlier demo left, and make the namespace; every pod in it must meet `restricted`.

    Raises:
        DemoError: A namespace of that name is somebody else's.
    """
    found = cluster.kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=json")
    if found:
        if OURS not in json.loads(found)["metadata"].get("labels", {}):
            raise DemoError(
                f"there is a namespace {NAMESPACE} that no demo made; look at it: kubectl get all -n {NAMESPACE}"
            )
        screen.tell(Line("demo", "deleting what an earlier demo left"))
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
        cluster.kubectl("delete", "pods", "--all", "--grace-period=1", "--wait=false")
        cluster.kubectl("wait", "--for=delete", f"namespace/{NAMESPACE}", "--timeout=120s")
    forget_database(cluster)
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("label", "namespace", NAMESPACE, f"{OURS}=true", RESTRICTED)


def forget_database(cluster: Cluster) -> None:
    """Delete the locks of the earlier database with all that they remember: that database is gone for good."""
    place = f"--namespace={OPERATOR_NAMESPACE}"
    for lock in cluster.read("get", "leases", place, "--selector=releaseflow.dev/lock")["items"]:
        if lock["metadata"].get("annotations", {}).get(LOCK_NAMESPACE) == NAMESPACE:
            cluster.kubectl("delete", "lease", lock["metadata"]["name"], place)


def open_shop(cluster: Cluster, screen: Terminal) -> None:
    """Start database and shop, create the tables of version 1 and fill the shelves."""
    screen.command(f"kubectl apply -n {NAMESPACE} -f examples/shop/{{postgres,backups,shop}}.yaml")
    cluster.apply(*(SHOP / name for name in ("postgres.yaml", "backups.yaml", "shop.yaml")))
    wait_for(cluster, "deployment/postgres")
    shop = first_pod(cluster)
    cluster.kubectl("exec", shop, "--", "python3", "-c", CONNECT, "postgres", "5432")
    manage(cluster, screen, shop, "migrate", "--noinput")
    manage(cluster, screen, shop, "seed", f"--items={ITEMS}")
    wait_for(cluster, "deployment/shop")
    screen.tell(Line("shop", "two pods of version 1 are ready"))
    wait_for(cluster, "deployment/releaseflow", f"--namespace={OPERATOR_NAMESPACE}")
    screen.tell(Line("operator", "two replicas are ready"))


def first_pod(cluster: Cluster) -> str:
    """Return a pod of the shop whose container runs, though it cannot be ready without tables."""
    selector = "--selector=app.kubernetes.io/name=shop"
    cluster.kubectl("wait", "pod", selector, "--for=jsonpath={.status.phase}=Running", "--timeout=120s")
    name: str = cluster.read("get", "pods", selector)["items"][0]["metadata"]["name"]
    return name


def manage(cluster: Cluster, screen: Terminal, pod: str, *words: str) -> None:
    """Run a command of Django in a pod of the shop, and say how it ended."""
    said = cluster.kubectl("exec", pod, "--", "python3", "manage.py", *words).strip().splitlines()
    screen.tell(Line("shop", f"manage.py {words[0]}: {said[-1].strip()}"))


def wait_for(cluster: Cluster, what: str, *more: str) -> None:
    """Wait until a Deployment is rolled out."""
    cluster.kubectl("rollout", "status", what, "--timeout=180s", *more)

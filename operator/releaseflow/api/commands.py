"""Every kubectl command that ReleaseFlow shows, in messages, hints, pages and scripts: each is written here alone.

Those on workloads differ from kind to kind, so they are in workloads/.

It is part of the API and not of the core, since the messages of the API's own rules show commands as well.
"""

from collections.abc import Sequence

from releaseflow.api.v1alpha1.metadata import APPROVE, GATE_POLICY, RETRY, RUN_NAME_LABEL

CREATE = "kubectl create"
SHOW_NODES = "kubectl describe nodes"
SHOW_WEBHOOKS = "kubectl get mutatingwebhookconfigurations"
SHOW_GATE_POLICIES = (
    f"kubectl get mutatingadmissionpolicies,mutatingadmissionpolicybindings,validatingadmissionpolicies,"
    f"validatingadmissionpolicybindings --field-selector metadata.name={GATE_POLICY}"
)
SHOW_RUNS_EVERYWHERE = "kubectl get mrun -A"
INSTALL = "kubectl apply -k deploy"
TAINT_LOST_NODE = "kubectl taint nodes NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
"""Tells Kubernetes that a node is off, so that it deletes the node's pods."""


def approve(namespace: str, flow: str, what: str) -> str:
    """Approve what a flow waits for: RUN is the migration, RUN/BeforePromotion the promotion."""
    return f"kubectl annotate rflow {flow} -n {namespace} --overwrite {APPROVE}={what}"


def approve_run(namespace: str, run: str) -> str:
    """Approve the migration of a run that was made by hand."""
    return f"kubectl annotate mrun {run} -n {namespace} --overwrite {APPROVE}={run}"


def suspend_flow(namespace: str, flow: str) -> str:
    """Let a flow start nothing new."""
    return f"""kubectl patch rflow {flow} -n {namespace} --type merge -p '{{"spec":{{"suspend":true}}}}'"""


def retry(namespace: str, flow: str) -> str:
    """Retry a flow's release."""
    return f'kubectl annotate rflow {flow} -n {namespace} --overwrite {RETRY}="$(date +%s)"'


def resume_flow(namespace: str, flow: str) -> str:
    """End a flow's suspension."""
    return f"""kubectl patch rflow {flow} -n {namespace} --type merge -p '{{"spec":{{"suspend":false}}}}'"""


def set_flow_image(namespace: str, flow: str, image: str) -> str:
    """Say which image a flow releases."""
    return f"""kubectl patch rflow {flow} -n {namespace} --type merge -p '{{"spec":{{"image":"{image}"}}}}'"""


def edit_flow(namespace: str, flow: str) -> str:
    """Edit a flow."""
    return f"kubectl edit rflow {flow} -n {namespace}"


def show_flow(namespace: str, flow: str) -> str:
    """Show the state of a flow."""
    return f"kubectl get rflow {flow} -n {namespace}"


def show_flows(namespace: str) -> str:
    """Show the state of the flows of a namespace."""
    return f"kubectl get rflow -n {namespace}"


def print_flow_uid(namespace: str, flow: str) -> str:
    """Print a flow's UID."""
    return f"kubectl get releaseflow {flow} -n {namespace} -o jsonpath='{{.metadata.uid}}'"


def show_runs(namespace: str) -> str:
    """Show the runs of a namespace."""
    return f"kubectl get mrun -n {namespace}"


def list_chosen(namespace: str, kinds: Sequence[str], selector: str) -> str:
    """Show the workloads that a label selector chooses."""
    return f"kubectl get {','.join(kind.lower() for kind in kinds)} -n {namespace} -l '{selector}'"


def watch_runs(namespace: str) -> str:
    """Follow the runs of a namespace."""
    return f"{show_runs(namespace)} -w"


def show_run(namespace: str, run: str) -> str:
    """Show the state of a run."""
    return f"kubectl get mrun {run} -n {namespace}"


def print_run(namespace: str, run: str) -> str:
    """Print all of a run."""
    return f"{show_run(namespace, run)} -o yaml"


def print_restore_command(namespace: str, run: str) -> str:
    """Print the command that restores the backup of a run."""
    return f"{show_run(namespace, run)} -o jsonpath='{{.status.backup.restoreCommand}}'"


def find_run(run: str) -> str:
    """Find a run in whatever namespace."""
    return f"{SHOW_RUNS_EVERYWHERE} --field-selector metadata.name={run}"


def print_job(namespace: str, job: str) -> str:
    """Print all of a Job."""
    return f"kubectl get job {job} -n {namespace} -o yaml"


def describe_job(namespace: str, job: str) -> str:
    """Describe a Job."""
    return f"kubectl describe job {job} -n {namespace}"


def follow_job(namespace: str, job: str, container: str) -> str:
    """Follow what a container of a Job writes."""
    return f"kubectl logs -f job/{job} -n {namespace} -c {container}"


def resume_job(namespace: str, job: str) -> str:
    """Let a suspended Job run."""
    return f"""kubectl patch job {job} -n {namespace} --type merge -p '{{"spec":{{"suspend":false}}}}'"""


def show_pods_of_run(namespace: str, run: str) -> str:
    """Show the pods of a run."""
    return f"kubectl get pods -n {namespace} -l {RUN_NAME_LABEL}={run}"


def describe_pod(namespace: str, pod: str) -> str:
    """Describe a pod."""
    return f"kubectl describe pod {pod} -n {namespace}"


def delete_pod(namespace: str, pod: str) -> str:
    """Delete a pod."""
    return f"kubectl delete pod {pod} -n {namespace}"


def show_rights(namespace: str, account: str) -> str:
    """Show what a ServiceAccount of a namespace may do there."""
    return f"kubectl auth can-i --list -n {namespace} --as=system:serviceaccount:{namespace}:{account}"


def describe_quotas(namespace: str) -> str:
    """Describe the quotas of a namespace."""
    return f"kubectl describe resourcequota -n {namespace}"


def show_claims(namespace: str) -> str:
    """Show the PersistentVolumeClaims of a namespace."""
    return f"kubectl get pvc -n {namespace}"


def describe_claims(namespace: str) -> str:
    """Describe the PersistentVolumeClaims of a namespace."""
    return f"kubectl describe pvc -n {namespace}"


def describe_claim(namespace: str, claim: str) -> str:
    """Describe a PersistentVolumeClaim."""
    return f"kubectl describe pvc {claim} -n {namespace}"


def run_once(namespace: str, pod: str, image: str, overrides: str, program: str) -> str:
    """Run a program in a pod of its own, show its log, end as it ends, and delete the pod.

    The overrides are merged into the pod's manifest, as one word of a shell.
    """
    waits = "--restart=Never --rm --attach --quiet --pod-running-timeout=10m"
    merged = f"--override-type=strategic --overrides={overrides}"
    return f"kubectl run {pod} -n {namespace} --image={image} {waits} {merged} --command -- {program}"

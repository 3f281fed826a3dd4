"""The pod template of each step."""

from typing import Any

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.metadata import FINALIZER
from releaseflow.api.v1alpha1.pods import PodOptions
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.containers import ContainerName
from releaseflow.core.engines import client_of
from releaseflow.core.facts import ABSENT
from releaseflow.core.run.restore import restore_command_of
from releaseflow.core.tools import (
    PENDING_BY_FILES,
    FilesCheck,
    check_command,
    down_command,
    files_check,
    migrate_command,
    migration_image,
)
from releaseflow.destinations.destination import Access
from releaseflow.jobs.containers import Command, application, client, hook_container
from releaseflow.jobs.executor import executor
from releaseflow.jobs.inheritance import inherited_container, inherited_placement, inherited_volumes, pod_spec
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.labels import pod_metadata
from releaseflow.jobs.security import application_pod, client_group, client_pod
from releaseflow.jobs.sidecars import sidecar_volumes, sidecars

_BACKUPS = "releaseflow-backups"
"""Volume with the backups."""
_IMAGE = "releaseflow-image"
"""Volume with the files of the image that is to be released."""
_IMAGE_PATH = "/image"


def pod_template(inputs: JobInputs) -> dict[str, Any]:
    """Return the pod template of a step."""
    match inputs.step:
        case StepType.CHECK:
            return _check(inputs)
        case StepType.HOOK:
            return _run_hook(inputs, inputs.required_hook)
        case StepType.BACKUP:
            return _back_up(inputs)
        case StepType.MIGRATE:
            return _migrate(inputs)
        case StepType.REPORT:
            return _ask(inputs, ContainerName.STATE)


def _check(inputs: JobInputs) -> dict[str, Any]:
    compared = files_check(inputs.spec)
    return _tools_own_check(inputs) if compared is ABSENT else _compare_files(inputs, compared)


def _compare_files(inputs: JobInputs, compared: FilesCheck) -> dict[str, Any]:
    """Our own container beside the files of the image, which is mounted and not run: so it needs no shell."""
    pull = inherited_container(inputs).get("imagePullPolicy")
    source = {"reference": migration_image(inputs.spec), **({"pullPolicy": pull} if pull else {})}
    check = client(
        inputs,
        ContainerName.CHECK,
        Access(mounts=({"name": _IMAGE, "mountPath": _IMAGE_PATH, "readOnly": True},)),
        folder=_IMAGE_PATH + compared.folder,
        ignored=compared.ignored,
        migration_name=compared.name,
        table=compared.table,
        recorded=compared.recorded,
        pending=str(PENDING_BY_FILES),
    )
    steps = {"containers": [check], "volumes": [{"name": _IMAGE, "image": source}, *sidecar_volumes(inputs)]}
    spec = _client_pod(inputs) | _init(inputs) | steps
    return {"metadata": pod_metadata(inputs), "spec": spec}


def _tools_own_check(inputs: JobInputs) -> dict[str, Any]:
    """The tool's own check, with no wrapper, so that images without a shell work."""
    options, command = inputs.spec.migration, check_command(inputs.spec)
    if options.running_container is not None:
        check = executor(inputs, ContainerName.CHECK, command, options.running_container)
        return {"metadata": pod_metadata(inputs), "spec": _executing_pod(inputs) | {"containers": [check]}}
    check = application(inputs, ContainerName.CHECK, Command(command))
    steps = {"containers": [check], "volumes": inherited_volumes(inputs)}
    spec = _application_pod(inputs, options) | _init(inputs) | steps
    return {"metadata": pod_metadata(inputs), "spec": spec}


def _back_up(inputs: JobInputs) -> dict[str, Any]:
    return _dump(inputs) if inputs.spec.backup.is_taken else _ask(inputs, ContainerName.POINT)


def _ask(inputs: JobInputs, name: ContainerName) -> dict[str, Any]:
    """Ask the database, and nothing else: for a point in time, or for what a failed migration left in it."""
    steps = {"containers": [client(inputs, name)], "volumes": sidecar_volumes(inputs)}
    spec = _client_pod(inputs) | _init(inputs) | steps
    return {"metadata": pod_metadata(inputs), "spec": spec}


def _dump(inputs: JobInputs) -> dict[str, Any]:
    """Dump, proof and pruning in one container: each more costs about a second of the kubelet."""
    backup = inputs.spec.backup
    access = backup.destination.access(_BACKUPS)
    step = client(
        inputs,
        ContainerName.BACKUP,
        access,
        path=inputs.backup_path,
        minimum_size_bytes=str(backup.minimum_size_bytes),
        prune="\n".join(f"{old.sha256} {old.path}" for old in inputs.prunable),
        restore=_restore(inputs),
    )
    steps = {"containers": [step], "volumes": [*access.volumes, *sidecar_volumes(inputs)]}
    spec = _client_pod(inputs) | _init(inputs) | steps
    return {"metadata": pod_metadata(inputs), "spec": spec}


def _restore(inputs: JobInputs) -> str:
    """Return the command that restores the backup, but for its SHA-256, which only the dump knows."""
    return restore_command_of(inputs.spec, inputs.namespace, inputs.backup_path, "<SHA256>", inputs.client_image)


def _migrate(inputs: JobInputs) -> dict[str, Any]:
    """The migration, then the database's own word on it where we can ask; our finalizer keeps the pod until then."""
    options = inputs.spec.migration
    if options.running_container is not None:
        migrate = executor(inputs, ContainerName.MIGRATE, _command(inputs).command, options.running_container)
        spec = _executing_pod(inputs)
    else:
        migrate = application(inputs, ContainerName.MIGRATE, _command(inputs))
        spec = _application_pod(inputs, options) | {"volumes": inherited_volumes(inputs)}
    if client_of(inputs.spec) is ABSENT:
        spec |= {**_init(inputs), "containers": [migrate]}
    else:
        spec |= {**_init(inputs, migrate), "containers": [client(inputs, ContainerName.REPORT)]}
    return {"metadata": {**pod_metadata(inputs), "finalizers": [FINALIZER]}, "spec": spec}


def _run_hook(inputs: JobInputs, hook: Hook) -> dict[str, Any]:
    """A hook alone, in a pod that our finalizer keeps until its end is recorded."""
    steps = {"containers": [hook_container(inputs, hook)], "volumes": inherited_volumes(inputs)}
    spec = _application_pod(inputs, hook) | _init(inputs) | steps
    return {"metadata": {**pod_metadata(inputs), "finalizers": [FINALIZER]}, "spec": spec}


def _command(inputs: JobInputs) -> Command:
    options = inputs.spec.migration
    if inputs.down_to:
        return Command(down_command(options, inputs.down_to))
    return Command(migrate_command(options), options.args)


def _init(inputs: JobInputs, *steps: dict[str, Any]) -> dict[str, Any]:
    """Return the init containers of a pod, where it has any: the sidecars, then those of the step."""
    containers = [*sidecars(inputs), *steps]
    return {"initContainers": containers} if containers else {}


def _application_pod(inputs: JobInputs, options: PodOptions) -> dict[str, Any]:
    workload = pod_spec(inputs)
    pod = _pod(inputs, options, application_pod(workload.get("securityContext") or {}))
    return pod | _account(inputs, options)


def _executing_pod(inputs: JobInputs) -> dict[str, Any]:
    """A pod of our own containers, one of which uses the token of the user's ServiceAccount."""
    return _pod(inputs, inputs.spec.migration, client_pod())


def _client_pod(inputs: JobInputs) -> dict[str, Any]:
    """A pod of our own containers; a sidecar in it runs as the workload's user and under the workload's account."""
    options = inputs.spec.database.client
    if not inputs.spec.migration.sidecars:
        return _pod(inputs, options, client_pod())
    security = application_pod(pod_spec(inputs).get("securityContext") or {}) | client_group()
    return _pod(inputs, options, security) | _account(inputs, options)


def _account(inputs: JobInputs, options: PodOptions) -> dict[str, Any]:
    account = options.service_account_name or pod_spec(inputs).get("serviceAccountName")
    return {"serviceAccountName": account} if account else {}


def _pod(inputs: JobInputs, options: PodOptions, security: dict[str, Any]) -> dict[str, Any]:
    """What all pods have in common.

    A shared process namespace puts the pause container at process 1: node, python, php and others ignore SIGTERM there.
    """
    account, priority = options.service_account_name, inputs.spec.jobs.priority_class_name
    return {
        "restartPolicy": "Never",
        "shareProcessNamespace": True,
        "enableServiceLinks": False,
        "automountServiceAccountToken": account is not None,
        "securityContext": security,
        **inherited_placement(inputs),
        **({"priorityClassName": priority} if priority else {}),
        **({"serviceAccountName": account} if account else {}),
    }

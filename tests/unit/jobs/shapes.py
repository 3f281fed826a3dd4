"""Specs and pod templates of all shapes, for tests that must hold for every one of them."""

from typing import Any

from hypothesis import strategies as st

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT
from releaseflow.core.names import hook_job_name, job_name
from releaseflow.core.run.retention import Prunable
from releaseflow.jobs.inputs import JobInputs

NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
LONG_NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", fullmatch=True)
VALUES = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), max_size=20)
VARIABLES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
COMMANDS = st.lists(VALUES, max_size=3)
USERS = st.fixed_dictionaries({}, optional={"runAsUser": st.integers(1, 70000), "runAsNonRoot": st.just(value=True)})

CPU_OF_WEB = {"containerName": "web", "resource": "limits.cpu"}
VOLUME_BODIES: st.SearchStrategy[dict[str, Any]] = st.sampled_from([
    {"configMap": {"name": "c"}}, {"secret": {"secretName": "s", "optional": True}}, {"emptyDir": {}},
    {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}, {"secret": {"name": "s"}}]}},
    {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}, {"csi": {"driver": "secrets"}},
    {"downwardAPI": {"items": [{"path": "cpu", "resourceFieldRef": CPU_OF_WEB}]}},
    {"hostPath": {"path": "/"}}, {"nfs": {"server": "x", "path": "/"}},
    {"persistentVolumeClaim": {"claimName": "media"}},
    {"persistentVolumeClaim": {"claimName": "shared"}}, {"ephemeral": {"volumeClaimTemplate": {}}},
])  # fmt: skip
SOURCES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    VALUES.map(lambda value: {"value": value}),
    st.sampled_from(
        [
            {"valueFrom": {"secretKeyRef": {"name": "app", "key": "k", "optional": True}}},
            {"valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"valueFrom": {"resourceFieldRef": CPU_OF_WEB}},
        ]
    ),
)
BACKUPS: list[dict[str, Any]] = [
    {"persistentVolumeClaim": {"claimName": "backups"}},
    {"pointInTime": {"statement": "RDS, 7 days"}},
]
ENVIRONMENTS = st.dictionaries(
    st.one_of(VARIABLES, st.sampled_from(["DATABASE_URL", "PGAPPNAME", "DEBUG"])), SOURCES, max_size=4
).map(lambda found: [{"name": name, **source} for name, source in found.items()])


@st.composite
def containers(draw: st.DrawFn, name: str, volumes: list[str]) -> dict[str, Any]:
    """A container with everything that must not be inherited, and some of what must."""
    mounts = draw(st.lists(st.sampled_from(volumes), max_size=3)) if volumes else []
    return {
        "name": name,
        "image": "shop:1",
        "env": draw(ENVIRONMENTS),
        "envFrom": draw(st.sampled_from([[], [{"configMapRef": {"name": "c", "optional": True}}]])),
        "ports": [{"containerPort": 80}],
        "livenessProbe": {"httpGet": {"port": 80}},
        "readinessProbe": {"httpGet": {"port": 80}},
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "9"]}}},
        "securityContext": {
            "privileged": True,
            "procMount": "Unmasked",
            "allowPrivilegeEscalation": True,
            "capabilities": {"add": ["SYS_ADMIN"]},
            **draw(USERS),
        },
        "volumeMounts": [
            {"name": m, "mountPath": f"/{i}", "mountPropagation": "Bidirectional"} for i, m in enumerate(mounts)
        ],
        "resources": draw(
            st.sampled_from([{}, {"limits": {"cpu": "1", "nvidia.com/gpu": "1"}, "claims": [{"name": "g"}]}])
        ),
    }


@st.composite
def pod_templates(draw: st.DrawFn) -> dict[str, Any]:
    """A workload's pod template with a container `web` and others."""
    bodies = draw(st.lists(VOLUME_BODIES, max_size=6))
    volumes = [{"name": f"v{i}", **body} for i, body in enumerate(bodies)]
    names = [volume["name"] for volume in volumes]
    others = draw(st.lists(containers("other", names), max_size=1))
    return {
        "metadata": {"labels": {"app": "shop"}, "annotations": {"helm.sh/chart": "shop"}},
        "spec": {
            "containers": [draw(containers("web", names)), *others],
            "initContainers": [{"name": "init", "image": "x"}],
            "volumes": volumes,
            "hostNetwork": True,
            "hostPID": True,
            "nodeName": "node",
            "priorityClassName": "high",
            "affinity": {},
            "serviceAccountName": draw(st.sampled_from(["", "shop"])),
            "automountServiceAccountToken": True,
            "securityContext": {"sysctls": [{"name": "x", "value": "y"}], **draw(USERS)},
            "nodeSelector": draw(st.dictionaries(NAMES, NAMES, max_size=1)),
            "tolerations": draw(st.sampled_from([[], [{"key": "private", "operator": "Exists"}]])),
        },
    }


def _variables(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


@st.composite
def specs(draw: st.DrawFn) -> MigrationRunSpec:
    """What a user may ask for."""
    options = {
        "env": st.dictionaries(VARIABLES, VALUES, max_size=3).map(_variables),
        "resources": st.sampled_from([{}, {"requests": {"cpu": "2"}, "limits": {"ephemeral-storage": "1Gi"}}]),
        "serviceAccountName": st.sampled_from([None, "migrator"]),
    }
    client = st.fixed_dictionaries({**options, "image": st.sampled_from([None, "pg:17"])})
    deadline = {"deadlineSeconds": st.integers(10, 604_800)}
    tool = draw(st.booleans())
    how = {"tool": "Django"} if tool else {"command": draw(COMMANDS), "args": ["up", *draw(COMMANDS)]}
    check = draw(st.sampled_from([{}, {"policy": "Never"}, {"command": ["check", "it"]}]))
    return MigrationRunSpec.model_validate({
        "image": "shop:2",
        "database": {"urlSecretRef": {"name": "shop-db", "key": "url"}, "client": draw(client)},
        "backup": {**draw(st.sampled_from(BACKUPS)), **draw(st.fixed_dictionaries(deadline))},
        "migration": {
            **how,
            "workloadRef": {"name": "shop", "container": "web"},
            "check": check,
            **draw(st.fixed_dictionaries({**options, **deadline})),
        },
    })  # fmt: skip


@st.composite
def hooks(draw: st.DrawFn) -> Hook:
    """What a user may ask for of a hook."""
    return Hook.model_validate({
        "name": draw(st.from_regex(r"[a-z][a-z0-9]{0,29}", fullmatch=True)),
        "command": ["smoke", *draw(COMMANDS)],
        "image": draw(st.sampled_from([None, "curl:8", "shop-tools:$(TAG)"])),
        "env": draw(st.dictionaries(VARIABLES, VALUES, max_size=3).map(_variables)),
        "serviceAccountName": draw(st.sampled_from([None, "smoker"])),
        "deadlineSeconds": draw(st.integers(5, 86_400)),
    })  # fmt: skip


@st.composite
def inputs(draw: st.DrawFn, step: StepType | None = None) -> JobInputs:
    """The facts behind an attempt at a step."""
    run_name, uid, attempt = draw(LONG_NAMES), str(draw(st.uuids())), draw(st.integers(1, 3))
    chosen = step or draw(st.sampled_from(StepType))
    flow = draw(st.booleans())
    hook = draw(hooks()) if chosen is StepType.HOOK else ABSENT
    name = job_name(run_name, uid, chosen, attempt) if hook is ABSENT else hook_job_name(run_name, uid, hook.name)
    return JobInputs(
        namespace="shop",
        run_name=run_name,
        run_uid=uid,
        flow_name=draw(LONG_NAMES) if flow else "",
        flow_uid=str(draw(st.uuids())) if flow else "",
        spec=draw(specs()),
        step=chosen,
        attempt=attempt,
        name=name,
        hook=hook,
        pod_template=draw(pod_templates()),
        client_image="postgres:18",
        operator_image="releaseflow:1",
        prunable=tuple(draw(st.lists(st.just(Prunable("shop/a-1.dump", "a" * 64)), max_size=2))),
        shared_claims=frozenset({"shared"}),
    )

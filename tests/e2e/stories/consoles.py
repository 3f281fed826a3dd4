"""A console beside the shop: the only place with the environment of its migration, and who may execute in it."""

from typing import Any

from tests.e2e.stories.shop import Raw, Shop, deployment

ACCOUNT = "shop-migrator"
_AGENT = """
umask 022
printf 'export DATABASE_URL=%s SECRET_KEY=from-the-vault\\n' "$URL" >/vault/environment
printf '#!/bin/sh\\n. /vault/environment\\nexec "$@"\\n' >/vault/with
chmod +x /vault/with
"""
"""What a Vault agent does: it writes secrets into the pod, where nothing else has them."""
WITH = "/vault/with"
"""Program in the console that runs another one with the secrets."""


def deploy_console(shop: Shop, version: str, url: str | None = None, **container: Any) -> None:
    """Apply a console of the shop, which no Service selects, and wait for it."""
    vault: Raw = {"name": "vault", "mountPath": "/vault"}
    console = deployment(
        "console",
        version,
        command=["sleep", "infinity"],
        env=[],
        readinessProbe={"exec": {"command": ["true"]}, "periodSeconds": 1},
        volumeMounts=[vault],
        **container,
    )
    agent: Raw = {
        "name": "vault-agent",
        "image": "localhost/releaseflow/client:dev",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", _AGENT],
        "env": [{"name": "URL", "value": url or shop.database.url}],
        "volumeMounts": [vault],
    }
    pod = console["spec"]["template"]["spec"]
    pod |= {"initContainers": [agent], "volumes": [{"name": "vault", "emptyDir": {}}]}
    shop.kubectl("apply", "--filename=-", document=console)
    shop.kubectl("rollout", "status", "deployment/console", "--timeout=60s")


def account(shop: Shop) -> None:
    """Create a ServiceAccount, which may do nothing yet."""
    shop.apply("v1", "ServiceAccount", ACCOUNT)


def may_execute(shop: Shop) -> None:
    """Let the ServiceAccount execute in pods, as the chart's Role does."""
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]},
    ]
    api = "rbac.authorization.k8s.io"
    shop.apply(f"{api}/v1", "Role", ACCOUNT, rules=rules)
    who = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": shop.kubectl.namespace}
    role = {"apiGroup": api, "kind": "Role", "name": ACCOUNT}
    shop.apply(f"{api}/v1", "RoleBinding", ACCOUNT, roleRef=role, subjects=[who])


def in_console(**migration: Any) -> dict[str, Any]:
    """Return a flow's migration that is executed in the console; further fields win."""
    usual = {
        "program": [WITH, "python3", "manage.py"],
        "runIn": "RunningContainer",
        "runningContainer": {"workloadRef": {"name": "console"}},
        "serviceAccountName": ACCOUNT,
    }
    return {**usual, **migration}

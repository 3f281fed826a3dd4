"""The health of an Application that is a resource of another one, as gitops/argocd/app-of-apps.yaml gives it."""

import pytest
import yaml

from releaseflow.unstructured import Object
from tests.unit.gitops import argo_lua
from tools.argo_cd import FOLDER

KEY = "resource.customizations.health.argoproj.io_Application"
WAITS = {"status": "Progressing", "message": "Waiting for Argo CD"}


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, WAITS),
        ({"status": {"sync": {"status": "OutOfSync"}}}, WAITS),
        ({"status": {"health": {}}}, WAITS),
        ({"status": {"health": {"status": "Healthy"}}}, {"status": "Healthy", "message": ""}),
        (
            {"status": {"health": {"status": "Degraded", "message": "ReleaseFlow shop"}}},
            {"status": "Degraded", "message": "ReleaseFlow shop"},
        ),
    ],
)
def test_it_is_that_of_the_application_itself(status: Object, health: Object) -> None:
    script = yaml.safe_load((FOLDER / "app-of-apps.yaml").read_text(encoding="utf-8"))["data"][KEY]
    thing = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "shop"}, **status}
    assert argo_lua.run(script, thing) == health

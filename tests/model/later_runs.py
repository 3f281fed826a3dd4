"""The scenarios of the runs that a release has beside the one that migrates: hooks, and the contract."""

from releaseflow.api.v1alpha1.contract import Contract
from releaseflow.api.v1alpha1.hooks import Hook, Hooks
from tests.model.scenario import Scenario, once
from tests.support import builders

SMOKE_TEST = Hooks(before_promotion=(Hook(name="smoke", command=("smoke",)),))
HOOKS = Hooks(
    before_migration=(Hook(name="drain", command=("drain",)),),
    before_promotion=(Hook(name="smoke", command=("smoke",)),),
    after_rollout=(Hook(name="e2e", command=("e2e",)),),
)
LATER_RUNS = (
    Scenario(
        "smoke test",
        "a hook before the promotion fails, or its run, Job or pod is deleted, or the operator ends",
        once("hook failed", "crash", "delete run", "delete job", "strip job", "delete pod"),
        1,
        spec=(("hooks", SMOKE_TEST), ("backup", builders.NO_BACKUP)),
        more_steps=10,
        quick=True,
    ),
    Scenario(
        "hooks",
        "hooks at three places: one fails, an answer is lost, a write is late, an abort, a newer image",
        once("hook failed", "answer lost", "late", "put off", "abort", "nothing pending"),
        1,
        spec=(("hooks", HOOKS), ("backup", builders.NO_BACKUP)),
        more_steps=20,
    ),
    Scenario(
        "contract",
        "a contract after the release: it fails, its run is deleted, the rollout fails, a target is moved by hand",
        once("migration failed", "delete run", "crash", "set image"),
        1,
        spec=(("contract", Contract(soak_seconds=0)), ("backup", builders.NO_BACKUP)),
        more_steps=15,
        quick=True,
    ),
)

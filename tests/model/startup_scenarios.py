"""The scenarios in which the migration runs as the target starts."""

from releaseflow.api.v1alpha1.migration import Migration
from tests.model.scenario import Scenario, once
from tests.model.troubles import DELETIONS, MEDDLING, NETWORK

_SPEC = (("migration", Migration(tool="Django", run_in="Startup")),)
_ENDS = ("migration failed", "rollout fails", "nothing pending", "no report")
AT_STARTUP = (
    Scenario(
        "startup",
        "the migration runs as the target starts: it fails, or the rollout or the network does, or nothing is pending",
        once(*_ENDS, *NETWORK),
        1,
        spec=_SPEC,
        quick=True,
    ),
    Scenario(
        "startup retried",
        "the migration runs as the target starts, and fails, and is retried",
        once("migration failed", "retry"),
        2,
        spec=_SPEC,
    ),
    Scenario(
        "startup interfered with",
        "the migration runs as the target starts: any one of what people should and should not do",
        once("edit image", "put off", "abort", "suspend", *DELETIONS, *MEDDLING),
        1,
        spec=_SPEC,
    ),
    Scenario(
        "startup in trouble",
        "the migration runs as the target starts: any two of a failure, network troubles, and orders of a person",
        once(*_ENDS, *NETWORK, "retry", "abort", "suspend", "put off"),
        2,
        spec=_SPEC,
    ),
)

"""Runs with a record of steps and a Job, for tests that ask one gate by itself."""

from typing import Any

from releaseflow.api.v1alpha1.migration_run import MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.names import job_name, step_name
from releaseflow.core.run.facts import RunObserved
from releaseflow.core.timestamps import timestamp
from tests.support import builders
from tests.support.builders import NOW, RUN_UID


def under_way(step: StepType, **facts: Any) -> StepStatus:
    """Return the record of a step whose Job is wanted."""
    known: dict[str, Any] = {
        "name": step_name(step),
        "type": step,
        "job_name": job_name("shop-1-abc", RUN_UID, step, 1),
        "template_hash": f"hash-of-{step.value}",
        "start_time": timestamp(NOW),
    }
    return StepStatus(**(known | facts))


def with_steps(*steps: StepStatus, **facts: Any) -> RunObserved:
    """Return a run with a record of steps."""
    return builders.run(status=MigrationRunStatus(steps=steps), **facts)


def job(step: StepType, **facts: Any) -> tuple[tuple[StepType, Any], ...]:
    """Return the only Job that there is."""
    known: dict[str, Any] = {"name": job_name("shop-1-abc", RUN_UID, step, 1), "template_hash": f"hash-of-{step.value}"}
    return ((step, builders.job(**(known | facts))),)

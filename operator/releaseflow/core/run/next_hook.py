"""Which hook of a run is next: they run in the order of their list, each once."""

from releaseflow.api.v1alpha1.hooks import Hook
from releaseflow.api.v1alpha1.migration_run import MigrationRunSpec, MigrationRunStatus
from releaseflow.api.v1alpha1.steps import StepStatus, StepType
from releaseflow.core.facts import ABSENT, Absent


def next_hook(spec: MigrationRunSpec, status: MigrationRunStatus) -> Hook | Absent:
    """Return the first hook whose end is not recorded."""
    return next((hook for hook in spec.hooks if not _has_ended(status, hook)), ABSENT)


def step_of_hook(status: MigrationRunStatus, hook: Hook) -> StepStatus | Absent:
    """Return what is recorded of a hook."""
    return next((step for step in status.steps if step.type is StepType.HOOK and step.name == hook.name), ABSENT)


def hook_to_observe(spec: MigrationRunSpec, status: MigrationRunStatus) -> Hook | Absent:
    """Return the hook whose Job matters: the next one or, once the run is over, the last that was recorded."""
    if status.outcome is None:
        return next_hook(spec, status)
    return next((hook for hook in reversed(spec.hooks) if step_of_hook(status, hook) is not ABSENT), ABSENT)


def record_of(spec: MigrationRunSpec, status: MigrationRunStatus, kind: StepType) -> StepStatus | Absent:
    """Return what is recorded of a step; of the hooks, of the one whose Job matters."""
    if kind is StepType.HOOK:
        hook = hook_to_observe(spec, status)
        return ABSENT if hook is ABSENT else step_of_hook(status, hook)
    return next((step for step in status.steps if step.type is kind), ABSENT)


def _has_ended(status: MigrationRunStatus, hook: Hook) -> bool:
    step = step_of_hook(status, hook)
    return step is not ABSENT and step.outcome is not None

"""How long Kubernetes keeps the Jobs that have ended: none goes before its outcome can be recorded."""

from hypothesis import HealthCheck, given, settings

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.job import LOG_SECONDS, job
from tests.unit.jobs.shapes import inputs


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs())
def test_a_check_goes_soon_a_backup_when_it_is_too_old_and_a_migration_is_kept(known: JobInputs) -> None:
    """One that goes before its outcome was recorded is made again, so nothing is lost with it."""
    seconds = job(known, "h")["spec"].get("ttlSecondsAfterFinished")
    match known.step:
        case StepType.CHECK | StepType.REPORT:
            assert seconds == 60
        case StepType.HOOK:
            assert seconds == LOG_SECONDS
        case StepType.BACKUP:
            assert seconds >= LOG_SECONDS
            assert seconds >= known.spec.backup.maximum_age_seconds
        case StepType.MIGRATE:
            assert seconds is None

"""Which Jobs Kubernetes may remove by itself once they have ended: none whose outcome somebody still has to read."""

from hypothesis import HealthCheck, given, settings

from releaseflow.api.migration_run import StepName
from releaseflow.jobs.build import job
from releaseflow.jobs.inputs import JobInputs
from tests.unit.jobs.shapes import inputs


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs())
def test_only_a_check_removes_itself(known: JobInputs) -> None:
    """Its answer stands in its condition, and one that was missed is asked for again."""
    assert ("ttlSecondsAfterFinished" in job(known, "h")["spec"]) is (known.step is StepName.CHECK)

"""Which Jobs Kubernetes may remove by itself once they have ended: none whose outcome somebody still has to read."""

from hypothesis import HealthCheck, given, settings

from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.jobs.inputs import JobInputs
from releaseflow.jobs.job import job
from tests.unit.jobs.shapes import inputs


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs())
def test_only_a_check_removes_itself(known: JobInputs) -> None:
    """Its answer stands in its condition, and one that was missed is asked for again."""
    assert ("ttlSecondsAfterFinished" in job(known, "h")["spec"]) is (known.step is StepType.CHECK)

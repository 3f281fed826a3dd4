"""All vectors."""

from tests.conformance.cases.finalizers import VECTORS as FINALIZERS
from tests.conformance.cases.jobs import VECTORS as JOBS
from tests.conformance.cases.owner_references import VECTORS as OWNER_REFERENCES
from tests.conformance.cases.pods import VECTORS as PODS
from tests.conformance.cases.preconditions import VECTORS as PRECONDITIONS
from tests.conformance.cases.targets import VECTORS as TARGETS
from tests.conformance.language import Vector

VECTORS: tuple[Vector, ...] = (*PRECONDITIONS, *FINALIZERS, *JOBS, *PODS, *OWNER_REFERENCES, *TARGETS)

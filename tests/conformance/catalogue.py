"""All vectors."""

from tests.conformance.cases.finalizers import VECTORS as OF_KEEPERS
from tests.conformance.cases.jobs import VECTORS as OF_JOBS
from tests.conformance.cases.owner_references import VECTORS as OF_OWNERS
from tests.conformance.cases.pods import VECTORS as OF_PODS
from tests.conformance.cases.preconditions import VECTORS as OF_WRITES
from tests.conformance.cases.targets import VECTORS as OF_TARGETS
from tests.conformance.language import Vector

VECTORS: tuple[Vector, ...] = (*OF_WRITES, *OF_KEEPERS, *OF_JOBS, *OF_PODS, *OF_OWNERS, *OF_TARGETS)

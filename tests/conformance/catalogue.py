"""All vectors."""

from tests.conformance.language import Vector
from tests.conformance.of_jobs import VECTORS as OF_JOBS
from tests.conformance.of_keepers import VECTORS as OF_KEEPERS
from tests.conformance.of_owners import VECTORS as OF_OWNERS
from tests.conformance.of_pods import VECTORS as OF_PODS
from tests.conformance.of_targets import VECTORS as OF_TARGETS
from tests.conformance.of_writes import VECTORS as OF_WRITES

VECTORS: tuple[Vector, ...] = (*OF_WRITES, *OF_KEEPERS, *OF_JOBS, *OF_PODS, *OF_OWNERS, *OF_TARGETS)

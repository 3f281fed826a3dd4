"""All vectors."""

from tests.protocol.vectors.language import Vector
from tests.protocol.vectors.of_jobs import VECTORS as OF_JOBS
from tests.protocol.vectors.of_keepers import VECTORS as OF_KEEPERS
from tests.protocol.vectors.of_owners import VECTORS as OF_OWNERS
from tests.protocol.vectors.of_pods import VECTORS as OF_PODS
from tests.protocol.vectors.of_targets import VECTORS as OF_TARGETS
from tests.protocol.vectors.of_writes import VECTORS as OF_WRITES

VECTORS: tuple[Vector, ...] = (*OF_WRITES, *OF_KEEPERS, *OF_JOBS, *OF_PODS, *OF_OWNERS, *OF_TARGETS)

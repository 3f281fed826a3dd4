"""The finalizer that keeps an object until what it proves is recorded."""

from releaseflow.api.v1alpha1.metadata import FINALIZER
from releaseflow.unstructured import Object, has_finalizer


def has_our_finalizer(raw: Object | None) -> bool:
    """Whether our finalizer keeps an object."""
    return has_finalizer(raw, FINALIZER)

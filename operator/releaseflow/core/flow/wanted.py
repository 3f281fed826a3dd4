"""Whether the flow still names what a release is about: its image, and the way to its database."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome, Release
from releaseflow.core.facts import ABSENT, Absent
from releaseflow.core.flow.facts import FlowObserved
from releaseflow.core.flow.follow import wanted_image
from releaseflow.core.flow.history import ReleaseEnded, database_hash


def no_longer_wanted(facts: FlowObserved, release: Release) -> ReleaseEnded | Absent:
    """Return the end of a release whose image or database the flow does not name any more."""
    wanted = wanted_image(facts)
    if wanted != release.image:
        return _superseded(f"{wanted} is wanted now")
    if database_hash(facts.spec.database) != release.database_hash:
        return _superseded("The flow's database was changed")
    return ABSENT


def _superseded(message: str) -> ReleaseEnded:
    return ReleaseEnded(Outcome.SUPERSEDED, Reason.SUPERSEDED, message)

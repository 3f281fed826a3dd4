"""Sets of reasons that say how a run or a release ended."""

from releaseflow.api.v1alpha1.reasons import Reason

SUCCESSFUL = frozenset({Reason.MIGRATED, Reason.NOTHING_PENDING})
"""Outcomes of a run after which its image may be promoted."""
HOOKS_SUCCESSFUL = frozenset({Reason.HOOKS_DONE, Reason.HOOK_FAILURE_ALLOWED})
"""Outcomes of a run of hooks after which the release goes on."""
WELL = SUCCESSFUL | {Reason.WENT_DOWN, Reason.ALREADY_DOWN}
"""Outcomes of a run after which its database is known; after a Down no image is promoted."""
ENDED_BY_PEOPLE = frozenset({Reason.SUPERSEDED, Reason.ABORTED, Reason.FLOW_DELETED, Reason.RUN_DELETED})
"""Outcomes of a run after which no person has to act."""
BEFORE_THE_DATABASE = frozenset({Reason.NOT_STARTED, Reason.NOT_EXECUTED})
"""Failures of a migration that never reached the database."""
DATABASE_IS_UNKNOWN = frozenset({Reason.DATABASE_UNKNOWN, Reason.OUTCOME_UNKNOWN})
"""Failures after which only a person can say what state the database is in."""

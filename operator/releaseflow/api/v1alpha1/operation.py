"""What a run does, and what it is for in a release."""

from enum import StrEnum


class Operation(StrEnum):
    """What a run does."""

    MIGRATE = "Migrate"
    HOOK = "Hook"
    """Runs hooks and touches nothing else: it takes no lock."""
    DOWN = "Down"
    """Takes the schema back to a version that an earlier run recorded."""


class RunRole(StrEnum):
    """What a run is for in a release of its flow."""

    MIGRATION = "Migration"
    BEFORE_PROMOTION = "BeforePromotion"
    AFTER_ROLLOUT = "AfterRollout"
    ON_FAILURE = "OnFailure"
    CONTRACT = "Contract"
    """Drops what only the old version needed, once that is gone."""

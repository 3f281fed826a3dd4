"""Commands of the user's that run at fixed places of a release."""

from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from releaseflow.api.schema.base import ApiModel, Arguments, ImageOfTag
from releaseflow.api.schema.cel import FieldValueErrorReason, ListMap, Pattern, Rule
from releaseflow.api.v1alpha1.pods import EnvVar, PodOptions
from releaseflow.api.v1alpha1.steps import StepType

_TAKEN = tuple(step.value.lower() for step in StepType)
HOOK_NAME = Pattern(
    r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
    "is not a hook's name: write lower-case letters, digits and '-', beginning with a letter, for example smoke-test",
)
NOT_TAKEN = Rule(
    f"!(self in {list(_TAKEN)})",
    f"is the name of a step of the run ({', '.join(_TAKEN)}): take another one, for example smoke-test",
    reason=FieldValueErrorReason.FORBIDDEN,
)


class OnHookFailure(StrEnum):
    """What a hook that fails means for the release."""

    HOLD = "Hold"
    CONTINUE = "Continue"


class Hook(PodOptions):
    """A command that runs once in a Job of its own, in a container like the application's.

    For example `{name: smoke-test, command: [bin/smoke]}`. It has the environment, volumes, user and folder that the
    migration has, but for `migration.env`.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.image) || (has(self.command) && size(self.command) > 0)"
            " || (has(self.args) && size(self.args) > 0)",
            "nothing says what the hook runs, and the released image by itself would serve: write a command, for"
            " example command: [bin/smoke], or an image of its own",
            field=".command",
            reason=FieldValueErrorReason.REQUIRED,
        ),
    )

    name: Annotated[str, Field(min_length=1, max_length=30), HOOK_NAME, NOT_TAKEN]
    """Name of the hook, one of its kind in its list, for example `smoke-test`; the run's status calls its step so."""

    image: ImageOfTag | None = None
    """Image where it is not the released one, for example `curlimages/curl:8.11.1`; `$(TAG)` is the released tag."""

    command: Arguments = ()
    """Command to run, for example `[bin/smoke]`; it replaces the image's entrypoint, and no shell is involved."""

    args: Arguments = ()
    """Arguments for command or, without one, for the image's entrypoint, for example `[--fail, http://shop]`."""

    env: Annotated[tuple[EnvVar, ...], Field(max_length=16), ListMap(("name",))] = ()
    """More environment variables, for example `[{name: SMOKE_URL, value: "http://shop"}]`.

    One of a name that the application's container has takes its place. When left out, there are none.
    """

    deadline_seconds: Annotated[int, Field(ge=5, le=86_400)] = 600
    """Seconds after which the hook is ended, and has failed."""

    on_failure: OnHookFailure = OnHookFailure.HOLD
    """Hold: the release fails with it. Continue: its failure is recorded and reported, and the release goes on.

    Where it is not known how a hook ended, the release is held in either case. A hook is never run again by itself.
    """


HookList: TypeAlias = Annotated[tuple[Hook, ...], Field(max_length=5), ListMap(("name",))]
"""Hooks that run one after the other, in this order."""


class Hooks(ApiModel):
    """Commands of yours at four places of a release; each list runs in its order, each hook once.

    For example `{beforePromotion: [{name: smoke-test, command: [bin/smoke]}]}`. When left out, there are none.
    """

    before_migration: HookList = ()
    """After the check and the approval, before the backup, and only where something is pending.

    For example a maintenance page, or the draining of a queue. They hold the database's lock.
    """

    before_promotion: HookList = ()
    """After the migration, before any target gets the image: for example a smoke test of the new image on the schema.

    They run for a release with nothing pending as well. Where one fails, nothing is promoted.
    """

    after_rollout: HookList = ()
    """Once all targets run the image: for example an end-to-end test. A failure counts as one of the rollout.

    So `promotion.onRolloutFailure` says what follows: Hold, or Rollback.
    """

    on_failure: HookList = ()
    """After a release failed or was rolled back: for example the end of a maintenance page. It stays failed."""

"""How the schema is migrated."""

import re
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from releaseflow.api.schema.base import Argument, Arguments, ContainerName, FolderPath, ImageOfTag, ObjectName
from releaseflow.api.schema.cel import EnumOf, FieldValueErrorReason, ListSet, Rule, cel_string
from releaseflow.api.v1alpha1.check import BY_FILES, Check
from releaseflow.api.v1alpha1.pods import PodOptions, Resources
from releaseflow.api.v1alpha1.run_in import RunIn
from releaseflow.api.v1alpha1.run_in import rules as rules_of_ways
from releaseflow.api.v1alpha1.running_container import RunningContainer
from releaseflow.api.v1alpha1.startup import START_COMMAND_RULES, StartCommand
from releaseflow.api.v1alpha1.workload import WorkloadRef
from releaseflow.presets.registry import PRESETS
from releaseflow.runners.registry import DEFAULT

TAG = "$(TAG)"
"""Place in the migration's image for the tag of the released image."""
_TAGGED = r"^[^@]*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@.*)?$"
_NO_TAG = (
    f"has {TAG}, and spec.image names no tag, only a repository or a digest: release name:tag or name:tag@sha256:...,"
    " or write the tag of the migration's image itself"
)
IMAGE_HAS_TAG = Rule(
    f"!has(self.migration.image) || !self.migration.image.contains('{TAG}')"
    f" || self.image.matches({cel_string(_TAGGED)})",
    _NO_TAG,
    field=".migration.image",
)
"""Holds for what has an image and a migration."""
_WITH_PATH = {name: preset.path for name, preset in PRESETS.items() if preset.path is not None}
_PATHS = "; ".join(f"{name}: {path.names} ({path.option})" for name, path in _WITH_PATH.items())
_PATH = f"""With tool: the one file or folder that the tool's main option names, for example `db/settings`.

{_PATHS}. It holds for check and migration. When left out, the tool finds it by itself; other tools have no such
option."""


SIDECARS_NEED_WORKLOAD = Rule(
    "has(self.migration.workloadRef) || !has(self.migration.sidecars) || size(self.migration.sidecars) == 0",
    "there is no workload whose containers could be carried along: write migration.workloadRef: {name: shop}",
    field=".migration.sidecars",
)
"""Holds for what has a migration and no targets."""


def check_tag(image: str, migration: "Migration") -> None:
    """See that the released image has a tag where the migration's image takes it.

    Raises:
        ValueError: It has none, which the API server refuses.
    """
    if TAG in (migration.image or "") and re.fullmatch(_TAGGED, image) is None:
        raise ValueError(f"migration.image {_NO_TAG}")


def _only_with_tool(field: str, instead: str) -> Rule:
    return Rule(
        f"has(self.tool) || !has(self.{field}) || size(self.{field}) == 0",
        f"without a tool there is no command that {field} could change: {instead}, or name the tool",
        field=f".{field}",
        reason=FieldValueErrorReason.FORBIDDEN,
    )


class Compatibility(StrEnum):
    """Whether the image before may run on the schema after."""

    ADDITIVE = "Additive"
    BREAKING = "Breaking"


class Migration(PodOptions):
    """How the schema is migrated: with the new image, once the backup is proven, and only once.

    Write `tool` for a migration tool that ReleaseFlow knows, or `command` for any other. It runs in a pod of its own
    that takes environment, volumes and security context from a container of the workload. For example `{command: [make,
    migrate], check: {command: [make, pending]}}`. A migration is never repeated by itself: after a failure repair the
    image, release it, and set the annotation releaseflow.dev/retry.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.tool) || (has(self.command) && size(self.command) > 0)"
            " || (has(self.args) && size(self.args) > 0)",
            f"nothing says how to migrate: write tool ({', '.join(PRESETS)}), or a command, for example"
            " command: [make, migrate]",
            field=".tool",
            reason=FieldValueErrorReason.REQUIRED,
        ),
        Rule(
            "!has(self.tool) || ((!has(self.command) || size(self.command) == 0)"
            " && (!has(self.args) || size(self.args) == 0))",
            "tool has commands of its own: leave out tool to give a command or args, or leave out both of them",
            field=".tool",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        _only_with_tool("program", "write its words into command"),
        _only_with_tool("path", "write it into command or args"),
        _only_with_tool("arguments", "write them into args"),
        Rule(
            f"!has(self.tool) || self.tool in {list(_WITH_PATH)} || !has(self.path)",
            f"this tool has no option for a path, only {_PATHS}: leave path out, and name the file in program or"
            " arguments",
            field=".path",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        Rule(
            f"!has(self.check.folder) || (has(self.tool) && self.tool in {list(BY_FILES)}"
            " && (!has(self.arguments) || size(self.arguments) == 0))",
            f"the names of files say what is applied only for {', '.join(BY_FILES)} without arguments: leave folder"
            " out, and give check.command where another command can tell",
            field=".check.folder",
            reason=FieldValueErrorReason.FORBIDDEN,
        ),
        *rules_of_ways(),
        *START_COMMAND_RULES,
    )

    run_in: RunIn = DEFAULT
    """Where the commands of the migration, and of the tool's own check, are executed.

    The reference of ways says what each of them takes and refuses.
    """

    running_container: RunningContainer | None = None

    tool: Annotated[str, EnumOf(tuple(PRESETS))] | None = None
    """Migration tool whose commands are used; the reference of tools says which they are.

    For any other tool leave it out, and give `command` or `args` instead.
    """

    resources: Resources = Resources()
    """Compute resources of check and migration, for example `{limits: {memory: 1Gi}}`.

    What is left out is as the workload's container has it; where there is no workload, nothing is requested or limited.
    """

    service_account_name: ObjectName | None = None
    """ServiceAccount of the pods of check and migration, for example `shop-migrator`.

    Its token is mounted only if a name is given here. When left out: that of the workload, without its token.
    """

    program: Annotated[tuple[Argument, ...], Field(max_length=8)] = ()
    """With tool: all words before the tool's own verb, for check and migration, for example `[poetry, run, TOOL]`.

    When left out: the tool's own program, as the reference of tools says.
    """

    path: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(None, description=_PATH)

    arguments: Annotated[tuple[Argument, ...], Field(max_length=32)] = ()
    """With tool: added to the command that migrates, for example `[--database=events]`.

    The tool's own check gets them too where it answers for them. Else it is not asked, and every release backs up and
    migrates, unless `check.command` is given.
    """

    command: Arguments = ()
    """Command that migrates, for example `[make, migrate]`; needed where there is neither tool nor args.

    It runs in the new image and replaces its entrypoint. No shell is involved unless you name one.
    """

    args: Arguments = ()
    """Arguments for command or, without one, for the image's entrypoint, for example `[migrate]`."""

    start_command: StartCommand | None = None
    """With runIn Startup: what starts the application, for example `[gunicorn, shop.wsgi]`.

    The released container then runs `sh -c "MIGRATE && exec START"`, in place of an init container before it: its image
    needs a shell, and the container a readiness or startup probe, which tells when the migration is over.
    """

    image: ImageOfTag | None = None
    """Image of check and migration where it is not the released one, for example `ghcr.io/acme/migrator:$(TAG)`.

    `$(TAG)` is the tag of the released image. When left out: the released image itself. With another one, what migrated
    and what the pods run are not compared (ImageDrift).
    """

    working_dir: FolderPath | None = None
    """Folder that check and migration run in, for example `/srv/app`.

    When left out: the inherited container's, else the image's.
    """

    run_as_user: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    """Number of the user that check and migration run as, for example `1000`.

    When left out: as the inherited container and pod say, else the image.
    """

    workload_ref: WorkloadRef | None = None
    """Workload and container that environment, volumes and security context are taken from, for example `{name: shop}`.

    When left out in a flow: the first target, and the first container that the flow releases there. Where there is no
    target either, or in a MigrationRun made by hand, nothing is taken over: the pods have the image and env alone.
    """

    sidecars: Annotated[tuple[ContainerName, ...], Field(max_length=4), ListSet()] = ()
    """Containers of the workload's pods that every step needs beside it, for example `[cloud-sql-proxy]`.

    They are carried along as native sidecars, with their own image, environment, volumes and resources: they start
    before the step, answer their startup or readiness probe, and are ended after it. When left out, each step is alone.
    """

    check: Check = Check()

    deadline_seconds: Annotated[int, Field(ge=10, le=604_800)] = 21_600
    """Seconds after which a running migration is ended. Be generous: to kill an index build is worse than to wait."""

    compatibility: Compatibility = Compatibility.BREAKING
    """Whether the old image goes on to work on the new schema; your claim, which nothing checks.

    Additive: it reads and writes there. Breaking: it cannot, or that is unknown.
    """

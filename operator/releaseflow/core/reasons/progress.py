"""Reasons of work that goes well, goes on or waits, and of pods that do not start."""

from collections.abc import Mapping

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import ACCOUNT, JOB, NAMESPACE, POD, Row, Section, Severity
from releaseflow.workloads.registry import WORKLOADS

WARNING = Severity.WARNING

PROGRESS: Mapping[Reason, Row] = {
    Reason.OPENED: Row("The gate is open."),
    Reason.NOT_REACHED: Row(
        "A gate before this one is still closed.", "Read the condition of the first gate that is not True"
    ),
    Reason.RELEASED: Row(
        "The image's migration is known to have succeeded, and all targets that the flow promotes run it."
    ),
    Reason.NOTHING_PENDING: Row("The check found no pending migration: no backup was taken and nothing was migrated."),
    Reason.MIGRATED: Row("The migration is known to have succeeded."),
    Reason.NOT_CHECKED: Row(
        "No check was asked for, or the tool has no check that can be trusted: something is taken to be pending."
    ),
    Reason.BACKUP_SKIPPED: Row("No backup is taken, as `spec.backup.none` says: there is no way back to the data."),
    Reason.HOOKS_DONE: Row("All hooks of this place ended well."),
    Reason.MIGRATION_PENDING: Row(
        "The check found that a migration is pending: unless `spec.backup.none` says otherwise, a backup is taken."
    ),
    Reason.WENT_DOWN: Row("The database says the version again that the earlier run recorded."),
    Reason.ALREADY_DOWN: Row("The database is at the version that the earlier run recorded: nothing was undone."),
    Reason.STARTING: Row("The object has been seen and is being started."),
    Reason.CHECKING: Row("The check runs: it asks the migration tool whether anything is pending."),
    Reason.RUNNING_HOOKS: Row(
        "Hooks run, one after the other.", f"To follow one: `{commands.follow_job(NAMESPACE, JOB, 'hook')}`"
    ),
    Reason.BACKING_UP: Row("The backup is being taken or proven."),
    Reason.MIGRATING: Row(
        "The migration runs.", f"Let it finish; to follow it: `{commands.follow_job(NAMESPACE, JOB, 'migrate')}`"
    ),
    Reason.STARTING_UP: Row(
        "The first target has the new image, and migrates as its pods start.",
        "Follow it with the command in the message",
    ),
    Reason.RUN_IN_PROGRESS: Row(
        "The release's MigrationRun is under way.", f"Follow it with `{commands.watch_runs(NAMESPACE)}`"
    ),
    Reason.SOAKING: Row("The release is good; its contract begins when `contract.soakSeconds` are over."),
    Reason.PROMOTING: Row("The image is being written into the targets."),
    Reason.ROLLING_OUT: Row(
        "A target has the image and its pods are being replaced.",
        "Follow it with the command in the message",
    ),
    Reason.ROLLING_BACK: Row("The targets that moved are being put back to the image before."),
    Reason.STOPPING: Row("The run is ending: a Job or pod of it is still being stopped."),
}
"""No page explains these: there is nothing to do but to watch."""

_PAUSES = ", or ".join(f"a {workload.kind} {workload.pauses}" for workload in WORKLOADS.values() if workload.pauses)

WAITS = Section(
    "It waits",
    "trouble-start.md",
    {
        Reason.TARGET_NOT_FOUND: Row(
            "A workload that the flow names does not exist, or its selector chooses none.",
            "Create the workload, or correct `spec.targets` or `spec.targetSelector`",
        ),
        Reason.TOO_MANY_TARGETS: Row(
            "The selector chooses more workloads than a release may move.",
            "Write a narrower `spec.targetSelector`, or several flows",
        ),
        Reason.CONTAINER_NOT_FOUND: Row(
            "A workload has no container of the name that the flow gives; or has several, none with the image's"
            " repository, and the flow names none.",
            "Write the container's name into `spec.targets[].containers`, or `spec.migration.workloadRef.container`",
        ),
        Reason.CONNECTION_NOT_FOUND: Row(
            "The application's container has no variable of the name that `spec.database.fromEnv` gives, or"
            " `DATABASE_URL` where it gives none; or the variable is empty.",
            "Write into the flow what the message proposes, or name the variables yourself",
            WARNING,
        ),
        Reason.LOCK_HELD: Row(
            "Another run uses the same database.",
            f"Wait for it: `{commands.show_runs(NAMESPACE)}`; runs go in the order in which they were created",
        ),
        Reason.AWAITING_APPROVAL: Row(
            "A person has to approve this step.",
            f"Approve it: `{commands.approve(NAMESPACE, 'NAME', 'RUN')}`",
        ),
        Reason.SUSPENDED: Row(
            "`spec.suspend` is true: nothing new is started.",
            "Set `spec.suspend` to false",
        ),
        Reason.COMMAND_IGNORED: Row(
            "A command that was given by an annotation does not apply now; an Event says why.",
            f"See the state of the flow with `{commands.show_flows(NAMESPACE)}`, and give the command a new value when"
            " it applies",
        ),
        Reason.TARGET_PAUSED: Row(
            f"A target does not roll out by itself: {_PAUSES}.",
            "Go on with the command in the message",
        ),
    },
)

STARTS = Section(
    "A step's pod does not start",
    "trouble-start.md",
    {
        Reason.IMAGE_PULL_FAILED: Row(
            "The image of a step cannot be pulled.",
            "Check the image's name and tag, and the target's `imagePullSecrets`",
            WARNING,
        ),
        Reason.CONFIG_MISSING: Row(
            "A Secret, a ConfigMap or a key in one does not exist.",
            "Create the missing Secret, ConfigMap or key, or correct `spec.database`",
            WARNING,
        ),
        Reason.USER_REFUSED: Row(
            "The kubelet does not start the container: by `runAsNonRoot` it must not run as root, and its image names"
            " root, or a user by name, which may be root.",
            "Write a numeric user other than 0 into the image, or `runAsUser` into the target's container",
            WARNING,
        ),
        Reason.UNSCHEDULABLE: Row(
            "No node has room for the step's pod.",
            f"Free or add room, or lower the step's `resources`: `{commands.SHOW_NODES}`",
            WARNING,
        ),
        Reason.QUOTA_EXCEEDED: Row(
            "A ResourceQuota of the namespace refuses the step's Job or pod.",
            f"Raise the quota: `{commands.describe_quotas(NAMESPACE)}`",
            WARNING,
        ),
        Reason.POD_REFUSED: Row(
            "Admission (Pod Security or a policy) refuses the step's pod.",
            "Let the image run under the namespace's Pod Security level: a numeric non-root user",
            WARNING,
        ),
        Reason.VOLUME_NOT_BOUND: Row(
            "The PersistentVolumeClaim is not bound, or does not exist.",
            f"Create it, or let it bind: `{commands.describe_claims(NAMESPACE)}`",
            WARNING,
        ),
        Reason.VOLUME_NOT_ATTACHED: Row(
            "The volume cannot be attached to the node, often because another node still has it.",
            "Free the volume from the node that has it, or use a ReadWriteMany claim",
            WARNING,
        ),
        Reason.POD_NOT_CREATED: Row(
            "The Job has no pod, and no event says why; or somebody suspended it.",
            f"See why the Job has no pod: `{commands.describe_job(NAMESPACE, JOB)}`",
            WARNING,
        ),
        Reason.CONTAINER_NOT_STARTED: Row(
            "The pod is on its node, but its container does not start.",
            f"See the pod's events: `{commands.describe_pod(NAMESPACE, POD)}`",
            WARNING,
        ),
        Reason.FORBIDDEN: Row(
            "The operator may not do what this step needs.",
            "Install the chart's RBAC for this namespace: `helm upgrade` with the namespace among the watched ones",
            WARNING,
        ),
        Reason.NOT_STARTED: Row(
            "The migration was given up before it started: the database is as it was.",
            "Remove what kept its pod from starting",
            retry=True,
        ),
        Reason.NOT_EXECUTED: Row(
            "The command could not be begun in the running container that `migration.runningContainer` names: the"
            " database is as it was.",
            "See that a pod of that workload is ready with the image, and that the ServiceAccount may list pods, and"
            f" create and get pods/exec: `{commands.show_rights(NAMESPACE, ACCOUNT)}`",
            retry=True,
        ),
    },
)

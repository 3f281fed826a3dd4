"""What the reasons of a flow or run mean, and what to do: those of work that goes on, or waits."""

from collections.abc import Mapping
from typing import NamedTuple

from releaseflow.api import commands
from releaseflow.api.v1alpha1.reasons import Reason

NOTHING = "Nothing to do."


class Meaning(NamedTuple):
    """A reason in words."""

    means: str
    """What is the case."""

    what_to_do: str
    """What a person does about it."""


MEANINGS_OF_PROGRESS: Mapping[Reason, Meaning] = {
    # Going well
    Reason.OPENED: Meaning(
        "The gate is open.",
        NOTHING,
    ),
    Reason.NOT_REACHED: Meaning(
        "A gate before this one is still closed.",
        "Read the condition of the first gate that is not True.",
    ),
    Reason.RELEASED: Meaning(
        "All targets run the image, and its migration is known to have succeeded.",
        NOTHING,
    ),
    Reason.NOTHING_PENDING: Meaning(
        "The check found no pending migration: no backup was taken and nothing was migrated.",
        NOTHING,
    ),
    Reason.MIGRATED: Meaning(
        "The migration is known to have succeeded.",
        NOTHING,
    ),
    Reason.NOT_CHECKED: Meaning(
        "No check was asked for, or the tool has no check that can be trusted: something is taken to be pending.",
        NOTHING,
    ),
    Reason.MIGRATION_PENDING: Meaning(
        "The check found that a migration is pending: a backup is taken first.",
        NOTHING,
    ),
    # Under way
    Reason.STARTING: Meaning(
        "The object has been seen and is being started.",
        NOTHING,
    ),
    Reason.CHECKING: Meaning(
        "The check step runs: it asks the migration tool whether anything is pending.",
        NOTHING,
    ),
    Reason.BACKING_UP: Meaning(
        "The backup is being taken or proven.",
        NOTHING,
    ),
    Reason.MIGRATING: Meaning(
        "The migration runs.",
        f"Let it finish; `{commands.follow_job('NAMESPACE', 'JOB', 'migrate')}` follows it.",
    ),
    Reason.RUN_IN_PROGRESS: Meaning(
        "The release's MigrationRun is under way.",
        f"Follow it with `{commands.watch_runs('NAMESPACE')}`.",
    ),
    Reason.PROMOTING: Meaning(
        "The image is being written into the targets.",
        NOTHING,
    ),
    Reason.ROLLING_OUT: Meaning(
        "A target has the image and its pods are being replaced.",
        f"Follow it with `{commands.follow_rollout('NAMESPACE', 'NAME')}`.",
    ),
    Reason.ROLLING_BACK: Meaning(
        "The targets that moved are being put back to the image before.",
        NOTHING,
    ),
    Reason.TARGET_NOT_FOUND: Meaning(
        "A workload that the flow names does not exist.",
        "Create it, or correct `spec.targets`; the release goes on by itself.",
    ),
    Reason.CONTAINER_NOT_FOUND: Meaning(
        "A workload has no container of the name that the flow gives; or has several, none with the image's repository,"
        " and the flow names none.",
        "Write the container's name into `spec.targets[].containers`, or `spec.migration.workloadRef.container`.",
    ),
    Reason.LOCK_HELD: Meaning(
        "Another run uses the same database.",
        f"Wait for it: `{commands.show_runs('NAMESPACE')}`; runs go in the order in which they were created.",
    ),
    Reason.AWAITING_APPROVAL: Meaning(
        "A person has to approve this step.",
        "Set the annotation that the message shows: `releaseflow.dev/approve`, with the run, or the run and its gate.",
    ),
    Reason.SUSPENDED: Meaning(
        "`spec.suspend` is true: nothing new is started.",
        "Set `spec.suspend` to false.",
    ),
    Reason.COMMAND_IGNORED: Meaning(
        "A command that was given by an annotation does not apply now; an Event says why.",
        f"See where the flow stands with `{commands.show_flows('NAMESPACE')}`, and give the command a new value when it"
        " applies.",
    ),
    Reason.STOPPING: Meaning(
        "The run is ending: a Job or pod of it is still being stopped.",
        NOTHING,
    ),
    Reason.TARGET_PAUSED: Meaning(
        "The Deployment is paused, so it does not roll out.",
        f"Continue it with `{commands.resume_rollout('NAMESPACE', 'NAME')}`.",
    ),
    # A step's pod does not start
    Reason.IMAGE_PULL_FAILED: Meaning(
        "The image of a step cannot be pulled.",
        "Check the image's name and tag, and the target's `imagePullSecrets`.",
    ),
    Reason.CONFIG_MISSING: Meaning(
        "A Secret, a ConfigMap or a key in one does not exist.",
        "Create what the message names; the step goes on by itself.",
    ),
    Reason.USER_REFUSED: Meaning(
        "The kubelet does not start the container: by `runAsNonRoot` it must not run as root, and its image names root,"
        " or a user by name, which may be root.",
        "Write a numeric user into the image (`USER 10001`), or `securityContext.runAsUser` into the target.",
    ),
    Reason.UNSCHEDULABLE: Meaning(
        "No node has room for the step's pod.",
        "Free or add capacity, or lower the step's `resources`.",
    ),
    Reason.QUOTA_EXCEEDED: Meaning(
        "A ResourceQuota of the namespace refuses the step's Job or pod.",
        f"Raise the quota, or free some of it: `{commands.describe_quotas('NAMESPACE')}`.",
    ),
    Reason.POD_REFUSED: Meaning(
        "Admission (Pod Security or a policy) refuses the step's pod.",
        "Give the target's container a securityContext that the namespace allows.",
    ),
    Reason.VOLUME_NOT_BOUND: Meaning(
        "The PersistentVolumeClaim is not bound, or does not exist.",
        f"Create it, or see why it waits: `{commands.describe_claim('NAMESPACE', 'NAME')}`.",
    ),
    Reason.VOLUME_NOT_ATTACHED: Meaning(
        "The volume cannot be attached to the node, often because another node still has it.",
        "Let the other pod go, or use a claim with access mode ReadWriteMany.",
    ),
    Reason.POD_NOT_CREATED: Meaning(
        "The Job has no pod, and no event says why; or somebody suspended it.",
        f"Look at the Job: `{commands.describe_job('NAMESPACE', 'JOB')}`.",
    ),
    Reason.CONTAINER_NOT_STARTED: Meaning(
        "The pod is on its node, but its container does not start.",
        f"Look at the pod's events: `{commands.describe_pod('NAMESPACE', 'POD')}`.",
    ),
    Reason.FORBIDDEN: Meaning(
        "The operator may not do what this step needs.",
        "Install the chart's RBAC for this namespace: `helm upgrade` with the namespace among the watched ones.",
    ),
}
"""Reasons of gates that are open or on their way, and of pods that do not start."""

"""The annotations, labels and finalizers that ReleaseFlow reads and writes."""

from releaseflow.api.schema.base import GROUP

APPROVE = f"{GROUP}/approve"
RETRY = f"{GROUP}/retry"
ABORT = f"{GROUP}/abort"
RECONCILE = f"{GROUP}/reconcile"

FENCE = f"{GROUP}/fence"
"""On a target: `<flow name>/<flow UID>/<sequence>` of the release that owns it; never lowered."""

RESTARTED_FOR = f"{GROUP}/restarted-for"
"""On a target's pod template: the sequence whose migration its pods were restarted for."""

TEMPLATE_HASH = f"{GROUP}/template-hash"
"""On a Job: the recorded hash of its pod template."""

ATTEMPT = f"{GROUP}/attempt"
"""On a Job: the number of the attempt that it is."""

MANAGED_LABEL = f"{GROUP}/managed"
"""On everything that the operator watches and did not define: targets, Jobs, pods, locks."""

FLOW_UID_LABEL = f"{GROUP}/flow-uid"
RUN_UID_LABEL = f"{GROUP}/run-uid"
RUN_NAME_LABEL = f"{GROUP}/run"
STEP_LABEL = f"{GROUP}/step"
LOCK_LABEL = f"{GROUP}/lock"

LOCK_NAME_LABEL = f"{GROUP}/lock-name"
"""On a run that is not over: the name of the Lease that it waits for or holds. Others who wait are found by it."""

FINALIZER = f"{GROUP}/outcome"
"""Keeps a run, a migration's Job and its pod until the outcome is recorded."""

FIELD_MANAGER = "releaseflow"

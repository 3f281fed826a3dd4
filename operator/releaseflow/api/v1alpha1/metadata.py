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

MIGRATES_FOR = f"{GROUP}/migrates-for"
"""On a target's pod template, and so on its pods: the run whose migration they carry out as they start."""

TEMPLATE_HASH = f"{GROUP}/template-hash"
"""On a Job: the recorded hash of its pod template."""

ATTEMPT = f"{GROUP}/attempt"
"""On a Job: the number of the attempt that it is."""

MANAGED_LABEL = f"{GROUP}/managed"
"""On everything that the operator watches and did not define: targets, Jobs, pods, locks."""

GATE_LABEL = f"{GROUP}/gate"
"""On a workload, written by its user: the flow in gate mode that lets its new images serve."""

HELD = f"{GROUP}/held"
"""On a workload that the admission policy paused until its flow's migration is done: what it was before.

In the pod template of a StatefulSet it is a label too: such pods are refused.
"""

BYPASS = f"{GROUP}/bypass"
"""On a workload, written by a person: an image of its pod template that may serve without the flow."""

GATE_POLICY = "releaseflow-gate"
"""Name of the admission policies of gate mode and of their bindings, whatever the chart's release is called."""

GATE_POLICY_OF_PODS = f"{GATE_POLICY}-pods"
"""Name of the admission policy that refuses the pods of a StatefulSet that is held, and of its binding."""

FLOW_UID_LABEL = f"{GROUP}/flow-uid"
RUN_UID_LABEL = f"{GROUP}/run-uid"
RUN_NAME_LABEL = f"{GROUP}/run"
STEP_LABEL = f"{GROUP}/step"
LOCK_LABEL = f"{GROUP}/lock"

LOCK_NAME_LABEL = f"{GROUP}/lock-name"
"""On a run that is not over: the name of the Lease that it waits for or holds. Others who wait are found by it."""

LOCK_NAMESPACE = f"{GROUP}/lock-namespace"
LOCK_KEY = f"{GROUP}/lock-key"
LOCK_HOLDER = f"{GROUP}/lock-holder"
LOCK_DATABASE = f"{GROUP}/database"
LOCK_IDENTITY = f"{GROUP}/database-identity"
LOCK_HAD_TABLES = f"{GROUP}/had-tables"
LOCK_TABLES_NAMESPACE_UID = f"{GROUP}/tables-namespace-uid"
LOCK_NAMESPACE_UID = f"{GROUP}/namespace-uid"
LOCK_UNKNOWN_SINCE = f"{GROUP}/unknown-since"
LOCK_LAST_NAME = f"{GROUP}/last-run"
LOCK_LAST_UID = f"{GROUP}/last-run-uid"
"""The annotations of a lock: whose it is, and what it remembers of the database."""

FINALIZER = f"{GROUP}/outcome"
"""Keeps a run, a migration's Job and its pod until the outcome is recorded."""

FIELD_MANAGER = "releaseflow"

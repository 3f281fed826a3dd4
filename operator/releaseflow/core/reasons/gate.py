"""Reasons of flows with mode Gate, whose targets admission holds."""

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.core.reasons.row import Row, Section, Severity

GATE = Section(
    "The gate",
    "trouble-gate.md",
    {
        Reason.TARGET_NOT_GATED: Row(
            "With `mode: Gate`: a workload has no label `releaseflow.dev/gate` with the flow's name, so no policy holds"
            " its images back.",
            "Write the label where the workload is written, and set it by the command in the message",
            Severity.WARNING,
        ),
        Reason.GATE_NOT_INSTALLED: Row(
            "With `mode: Gate`: an admission policy or binding of the chart is not in the cluster, so new images serve"
            " before their migration. What is held already stays so, and nothing is released.",
            "Install them: the chart's value `gate.policy: Always`, from Kubernetes 1.36 on; or write `mode: Promote`",
        ),
    },
)

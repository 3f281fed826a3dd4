"""What the chart knows of `spec.backup`: the members of its union, of which a cluster may allow some."""

from pathlib import Path

from releaseflow.api.v1alpha1.backup import MEMBERS

CHART = Path(__file__).resolve().parent.parent / "charts" / "releaseflow" / "files" / "backups.yaml"


def chart_file() -> str:
    """The text of the file that the admission policy is made from."""
    head = "# Generated from operator/releaseflow/destinations/ by `make crds`. Do not edit it.\n"
    return head + "".join(f"- {member}\n" for member in MEMBERS)

"""The kinds of trouble that a scenario may allow, by who brings them."""

NETWORK = ("crash", "answer lost", "late")
FATES = ("backup failed", "migration failed", "nothing pending", "rollout fails", "no effect")
LEFT = ("rolled back", "no report")
"""A migration that fails and leaves no trace, and a database that is asked what it left and does not answer."""
EXECUTED = ("connection lost", "not executed")
"""How a command ends that is executed in a running container, beside as it ends elsewhere."""
LATE = "judged late"
"""The phase of a check's or a backup's pod, and the condition of its Job, come late: a migration's always may."""
ORDERS = ("edit image", "put off", "retry", "abort", "suspend", "resume", "approve")
DELETIONS = (
    "delete flow",
    "delete run",
    "delete job",
    "delete job and pods",
    "delete pod",
    "delete target",
    "orphan job",
    "strip job",
    "strip pod",
)
MEDDLING = (
    "take out of line",
    "suspend job",
    "forge",
    "forge failure",
    "touch",
    "drop fence",
    "replace target",
    "set image",
    "wipe status",
    "vanish pod",
    "tick",
)
EVERYTHING = (*NETWORK, *FATES, *LEFT, LATE, "empty database", *ORDERS, *DELETIONS, *MEDDLING)
"""All but a Job that somebody resumes: whoever suspends a migration and resumes it has run it twice himself."""

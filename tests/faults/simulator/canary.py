"""Strings that are put where secrets are, and must be found nowhere else."""

MARK = "cAnArY"
"""Every one of them contains it."""

DSN = f"postgresql://shop:{MARK}-of-the-dsn@database.example:5432/shop"
"""In the Secret."""

PLAIN = f"{MARK}-of-the-environment"
"""Value of a variable of the workload."""

ERROR = f"postgresql://shop:{MARK}-of-the-log@database.example:5432/shop password={MARK}-of-the-log"
"""What programs print when they fail."""

"""Puts the driver of the test cluster on the path; it is a program, not a part of the package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cluster"))

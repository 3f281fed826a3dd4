"""Breaks the real operator at every request and every observation, against a real API server: `make faults`."""

import sys
from pathlib import Path

# The cluster's driver is a program with its own root; where the built binaries are is asked of it.
sys.path.append(str(Path(__file__).resolve().parents[2] / "cluster"))

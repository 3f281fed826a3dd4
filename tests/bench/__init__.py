"""Measures what the gate costs, and prints it beside what people use today: `make bench`."""

import sys
from pathlib import Path

# The cluster's driver is a program with its own root; what installs the operator asks it for the image's content.
sys.path.append(str(Path(__file__).resolve().parents[1] / "cluster"))

"""The version of this code. It is written here only: the package reads it, and the chart is held to it by a test."""

__version__ = "0.1.0"

"""The process: its settings, its parts, its probes, its start and its end."""

"""Breaks the real operator at every request and every observation, against a real API server: `make faults`."""

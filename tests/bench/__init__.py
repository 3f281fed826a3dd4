"""Measures what the gate costs, and prints it beside what people use today: `make bench`."""

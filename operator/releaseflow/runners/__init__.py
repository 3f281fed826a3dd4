"""The ways to run a migration: one file for each, and what reads them."""

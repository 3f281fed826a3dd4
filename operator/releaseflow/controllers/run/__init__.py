"""The controller of MigrationRuns."""

"""What becomes of a MigrationRun: its gates from Locked to Migrated, and what its end leaves to do."""

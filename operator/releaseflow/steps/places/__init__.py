"""How a backup is put into a place, read back, listed and removed: one module for each kind of place."""

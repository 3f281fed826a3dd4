"""The database engines that the operator can back up and inspect."""

"""Leader election by a Lease: one process acts, the others are standbys."""

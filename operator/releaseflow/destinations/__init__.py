"""Where backups go: one file for each kind of place, and what reads them."""

"""What the operator knows of database engines: one folder for each, and what reads them."""

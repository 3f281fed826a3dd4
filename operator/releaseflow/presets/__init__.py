"""What the operator knows of migration tools: one data file for each, and what reads them."""

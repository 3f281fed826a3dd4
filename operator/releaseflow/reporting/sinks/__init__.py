"""Where it is published what is new in a status: one file for each sink, and what finds them."""

"""What the operator knows of the kinds of workloads whose image it moves: one file for each, and what reads them."""

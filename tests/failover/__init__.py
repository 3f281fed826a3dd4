"""How long a fail-over of the leader takes, and how soon an operator with many flows begins to work."""

"""How long nobody works when a leader goes, and how soon an operator with many flows takes up work."""

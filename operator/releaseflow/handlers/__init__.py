"""When to reconcile: the watches that kopf holds. No decisions."""

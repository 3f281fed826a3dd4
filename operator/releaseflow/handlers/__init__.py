"""When to look: watches, timers, the queue, and who leads. No decisions."""

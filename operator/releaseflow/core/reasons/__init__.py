"""The table of reasons: what each means, what a person does about it, and where the manual explains it."""

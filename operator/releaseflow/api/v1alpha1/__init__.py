"""The API's first version: its kinds, and everything that a user may write in them."""

"""Generators of what is kept in the repository and made from its source."""

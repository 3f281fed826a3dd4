"""Migrations of the shop, one new one in each version."""

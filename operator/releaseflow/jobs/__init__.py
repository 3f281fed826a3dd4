"""The manifests of Jobs: check, backup and migration, built from plain facts."""

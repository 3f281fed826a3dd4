"""What a Job looks like: the manifests of check, backup and migration, built from plain facts."""

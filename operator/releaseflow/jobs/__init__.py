"""What a Job looks like: the manifests of look, backup and migration, built from plain facts."""

"""What it tells people: logs and Kubernetes Events."""

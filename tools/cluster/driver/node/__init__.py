"""A real Kubernetes node in namespaces of its own, for machines without a Docker engine."""

"""What is reported: logs, metrics and Kubernetes Events."""

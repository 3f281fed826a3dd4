"""A Kubernetes cluster where the demo and the tests run: kind, or a node that is built and booted here."""

"""The client of the Kubernetes API: connection, requests, errors, resources, leader election."""

"""What executes a command in a container of another pod: a program of its own, in a container of a Job of ours."""

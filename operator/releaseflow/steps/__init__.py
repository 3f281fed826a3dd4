"""What runs inside our own containers: `python -m releaseflow.steps backup|point|report|restore`."""

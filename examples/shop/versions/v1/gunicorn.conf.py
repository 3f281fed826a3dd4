"""How gunicorn serves the shop in a container whose root file system is read-only."""

wsgi_app = "website.wsgi"
bind = "0.0.0.0:8000"
workers = 1
threads = 4
# A new connection for each request: a pod that stops has no idle connection left on which a request could be lost.
keepalive = 0
# Shorter than terminationGracePeriodSeconds of the pod: requests under way are finished before the pod goes.
graceful_timeout = 20
# The one place that is writable in every container.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory of this container alone
control_socket_disable = True

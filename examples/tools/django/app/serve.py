"""Serves the site on port 8000; a real one has a server such as Gunicorn."""

from wsgiref.simple_server import make_server

from site_.wsgi import application

make_server("", 8000, application).serve_forever()

"""Answers every request with the application's version, as soon as the widgets can be read."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


class Widgets(BaseHTTPRequestHandler):
    """The whole application."""

    def do_GET(self):
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            [widgets] = connection.execute("select count(*) from widgets where price_cents >= 0").fetchone()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"version": os.environ["APP_VERSION"], "widgets": widgets}).encode())


ThreadingHTTPServer(("", 8000), Widgets).serve_forever()

"""Answers every request with the application's version, as soon as the widgets can be read."""

import json
import os
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2


class Widgets(BaseHTTPRequestHandler):
    """The whole application."""

    def do_GET(self):
        with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from widgets where price_cents >= 0")
            [widgets] = cursor.fetchone()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"version": os.environ["APP_VERSION"], "widgets": widgets}).encode())


ThreadingHTTPServer(("", 8000), Widgets).serve_forever()

"""Answers every request with the application's version, as soon as the widgets can be read."""

import asyncio
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tortoise import Tortoise, connections

from models import Widget
from settings import TORTOISE_ORM


async def count():
    await Tortoise.init(config=TORTOISE_ORM)
    try:
        return await Widget.filter(price_cents__gte=0).count()
    finally:
        await connections.close_all()


class Widgets(BaseHTTPRequestHandler):
    """The whole application."""

    def do_GET(self):
        widgets = asyncio.run(count())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"version": os.environ["APP_VERSION"], "widgets": widgets}).encode())


ThreadingHTTPServer(("", 8000), Widgets).serve_forever()

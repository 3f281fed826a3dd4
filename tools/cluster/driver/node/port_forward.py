"""Leads from a port of the host's loopback to the API server in the node's network.

A socket stays in the network in which it was opened: the host opens it, and this process accepts from it inside.
"""

import asyncio
import socket
import sys

from .layout import API_PORT

CHUNK_BYTES = 1 << 16


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on until one side ends."""
    try:
        while chunk := await source.read(CHUNK_BYTES):
            target.write(chunk)
            await target.drain()
    except ConnectionError:
        return
    finally:
        target.close()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join one connection of the host with one to the API server."""
    try:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", API_PORT)
    except ConnectionError:
        writer.close()
        return
    await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))


async def serve(listener: int) -> None:
    """Accept connections for ever."""
    server = await asyncio.start_server(join, sock=socket.socket(fileno=listener))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

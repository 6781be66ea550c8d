"""Passes connections on to the DynamoDB engine: `python -m local.engine.relay <socket> <port>`.

The engine listens on 127.0.0.1 alone, where no container reaches it. The socket, an inherited and
listening one, has the address that this machine has on the containers' network.
"""

import asyncio
import contextlib
import socket
import sys

HOST = "127.0.0.1"

_CHUNK = 65_536
_FREEBIND = 15  # IP_FREEBIND of Linux, which the module socket does not name


def listen(host: str) -> socket.socket:
    """Listen on a free port of `host`, also where no interface has that address yet.

    Podman makes its bridge with the first container and takes it away with the last one. OSError
    where the address cannot be used.
    """
    listener = socket.socket()
    try:
        if sys.platform == "linux":
            listener.setsockopt(socket.IPPROTO_IP, _FREEBIND, 1)
        listener.bind((host, 0))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


async def serve(listener: socket.socket, port: int) -> None:
    """Join each connection to one of its own to `port` of this machine, until cancelled."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            there_reader, there_writer = await asyncio.open_connection(HOST, port)
            with contextlib.closing(there_writer):
                await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))

    server = await asyncio.start_server(join, sock=listener)
    await server.serve_forever()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])))

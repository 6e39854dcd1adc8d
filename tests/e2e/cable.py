#!/usr/bin/env python3
"""A network cable between clients and the server that can be pulled: cable.py SERVER CONTROL PORT_FILE

Forwards TCP connections to SERVER (HOST:PORT); the port to connect to is written to PORT_FILE. Whoever connects to the
Unix socket CONTROL says one word and is answered "done":
  cut   every connection is cut off at both ends without a goodbye, and nobody gets through
  half  the same, but the server's end stays open: it has missed nothing
  join  who connects gets through again
"""
import asyncio
import os
import socket
import struct
import sys

pairs = []
kept = []  # servers' ends that are left open
joined = True


def cut_off(writer):
    # A reset: no goodbye of TLS or TCP.
    if writer.is_closing():
        return
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, asyncio.CancelledError):
        return False
    return True


async def connected(reader, writer):
    if not joined:
        return cut_off(writer)
    host, port = sys.argv[1].rsplit(":", 1)
    try:
        other_reader, other = await asyncio.open_connection(host, int(port))
    except OSError:
        return cut_off(writer)
    pair = {"client": writer, "server": other, "half": False}
    pairs.append(pair)
    tasks = [asyncio.ensure_future(pump(reader, other)), asyncio.ensure_future(pump(other_reader, writer))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    if not pair["half"]:
        # An end is passed on as it came.
        orderly = [task.done() and not task.cancelled() and task.result() for task in tasks]
        for end in (writer, other):
            end.close() if any(orderly) else cut_off(end)
    else:
        kept.append(other)
    pairs.remove(pair)
    for task in tasks:
        task.cancel()


async def controlled(reader, writer):
    global joined
    word = (await reader.readline()).decode().strip()
    if word == "join":
        joined = True
    elif word in ("cut", "half"):
        joined = False
        for pair in list(pairs):
            pair["half"] = word == "half"
            cut_off(pair["client"])
            if word == "cut":
                cut_off(pair["server"])
    else:
        raise SystemExit(f"cable.py: what is '{word}'?")
    writer.write(b"done\n")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    await asyncio.start_unix_server(controlled, sys.argv[2])
    with open(sys.argv[3] + ".new", "w") as file:
        print(server.sockets[0].getsockname()[1], file=file)
    os.rename(sys.argv[3] + ".new", sys.argv[3])
    await asyncio.Event().wait()


asyncio.run(main())

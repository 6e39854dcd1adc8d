#!/usr/bin/env python3
"""Strangers in numbers: flood.py SERVER KIND COUNT ADDRESSES [SECONDS]

SERVER is HOST:PORT; the connections come from 127.1.0.1, 127.1.0.2 and so on, ADDRESSES of them by turns (0: from
127.0.0.1). KIND is what they do:
  silent   COUNT connections that send nothing
  slow     COUNT connections that send the beginning of a client and then a byte a second
  garbage  COUNT at a time that send what is not RDP, wait for the end, and are followed by others
  relay    none: who connects to the port that is printed is connected to the server from the next address; once the
           server has sent the beginning of a picture it hears no more of its client, and its end stays open

Prints a line once all are there (of `relay`: the port), and ends after SECONDS or when its input ends; then prints how
many connections were made and how many of them the server ended.
"""
import asyncio
import os
import resource
import sys

HOST, PORT = sys.argv[1].rsplit(":", 1)
KIND, COUNT, ADDRESSES = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SECONDS = float(sys.argv[5]) if len(sys.argv) > 5 else None
# A connection request that offers TLS, [MS-RDPBCGR] 2.2.1.1, and the head of a TLS record of 512 bytes.
HELLO = bytes.fromhex("030000130ee000000000000100080001000000") + bytes.fromhex("1603010200")
PICTURE = 12 * 1024  # bytes; all that is sent before it is less
made = ended = 0


async def connect():
    global made
    made += 1
    source = f"127.1.0.{made % ADDRESSES + 1}" if ADDRESSES else "127.0.0.1"
    return await asyncio.open_connection(HOST, int(PORT), local_addr=(source, 0))


async def until_ended(reader):
    global ended
    try:
        while await reader.read(65536):
            pass
    except OSError:
        pass
    ended += 1


async def slowly(writer):
    try:
        writer.write(HELLO)
        while True:
            await asyncio.sleep(1)
            writer.write(b"\1")
            await writer.drain()
    except OSError:
        pass


async def garbage():
    while True:
        try:
            reader, writer = await connect()
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await until_ended(reader)
            writer.close()
        except OSError:
            await asyncio.sleep(0.01)


async def relayed(reader, writer):
    server_reader, server = await connect()

    async def forward():
        while data := await reader.read(65536):
            server.write(data)

    task = asyncio.ensure_future(forward())
    seen = 0
    try:
        while data := await server_reader.read(65536):
            seen += len(data)
            if seen > PICTURE:
                task.cancel()
            if not writer.is_closing():
                writer.write(data)
    except OSError:
        pass
    global ended
    ended += 1
    task.cancel()
    server.close()
    writer.close()


async def told_to_end():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def main():
    tasks = []  # held, so that none is collected
    if KIND == "relay":
        tasks.append(await asyncio.start_server(relayed, "127.0.0.1", 0))
        print(tasks[0].sockets[0].getsockname()[1], flush=True)
    elif KIND == "garbage":
        tasks = [asyncio.ensure_future(garbage()) for _ in range(COUNT)]
        print("begun", flush=True)
    else:
        while made < COUNT:
            for reader, writer in await asyncio.gather(*[connect() for _ in range(min(100, COUNT - made))]):
                tasks.append((writer, asyncio.ensure_future(until_ended(reader))))
                if KIND == "slow":
                    tasks.append(asyncio.ensure_future(slowly(writer)))
        print("all there", flush=True)
    try:
        await asyncio.wait_for(told_to_end() if SECONDS is None else asyncio.Event().wait(), SECONDS)
    except asyncio.TimeoutError:
        pass
    print(made, ended, flush=True)
    os._exit(0)  # all ends at once, whatever is under way


hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
asyncio.run(main())

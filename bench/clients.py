"""The client's side: one X server without GLX, rdesktop windows side by side on it, and sessions as a person has them.

Of the clients on Debian rdesktop is the one to time: FreeRDP 2 advances in steps of 100 ms while it connects."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from dataclasses import dataclass
from types import TracebackType

import processes
from servers import MARKER, Box, Server
from stats import Unmeasured

WIDTH, HEIGHT = 1280, 720
COLUMNS = 5
LOGON_LIMIT = 30.0
SO_TIMESTAMPNS = 35


class ConnectClock:
    """When the next connection to a port is begun: the kernel's time of its first packet, in nanoseconds."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(("lo", 0))
        self.socket.settimeout(5)

    def __enter__(self) -> ConnectClock:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def read(self) -> int:
        """Later packets may have been dropped by then, the first ones not."""
        while True:
            packet, ancillary, _, _ = self.socket.recvmsg(128, 64)
            tcp = 14 + 4 * (packet[14] & 15)
            if packet[23] != socket.IPPROTO_TCP or struct.unpack_from(">H", packet, tcp + 2)[0] != self.port:
                continue
            if packet[tcp + 13] & 0x12 == 0x02:
                seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
                return int(seconds * 1_000_000_000 + nanoseconds)


class Screen:
    """The X server that the clients show themselves on, with ten places of 1280x720."""

    def __init__(self, box: Box) -> None:
        self.box = box
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{COLUMNS * WIDTH}x{2 * HEIGHT}x24", "-br"]
            + ["-noreset", "-nolisten", "tcp", "-extension", "GLX"],
            pass_fds=[write_end],
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as number:
            display = number.readline().strip()
        if not display:
            raise Unmeasured("Xvfb does not start")
        self.environment = dict(os.environ, DISPLAY=f":{display}", HOME=str(box.work))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    @staticmethod
    def place(slot: int) -> tuple[int, int]:
        return slot % COLUMNS * WIDTH, slot // COLUMNS * HEIGHT

    def watch(self, *words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.box.tool("watch"), *map(str, words)], env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def watched(self, watcher: subprocess.Popen[str], limit: float, what: str) -> list[str]:
        """The lines of a watcher that has to see everything in time."""
        try:
            output, _ = watcher.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            watcher.kill()
            watcher.communicate()
            raise Unmeasured(f"{what}: not on the screen within {limit:g} s") from None
        if watcher.returncode != 0:
            raise Unmeasured(f"{what}: the screen could not be watched")
        return output.split("\n")[:-1]

    def wait_dark(self, slot: int) -> None:
        x, y = self.place(slot)
        self.watched(self.watch("colour", "000000", f"{x + 30},{y + 30}"), 10, "end of the last client")

    def rdesktop(self, server: Server, user: str, password: str, slot: int) -> subprocess.Popen[bytes]:
        x, y = self.place(slot)
        client = subprocess.Popen(
            ["rdesktop", "-u", user, "-p", password, "-a", "32", "-g", f"{WIDTH}x{HEIGHT}+{x}+{y}", server.address],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # It asks whether to trust the certificate.
        assert client.stdin
        client.stdin.write(b"yes\n" * 4)
        client.stdin.flush()
        return client


@dataclass
class Session:
    """A user's session on a server. Ended when left, whatever happened, and everything of it gone."""

    screen: Screen
    server: Server
    user: str
    password: str
    slot: int = 0
    client: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()
        self.end()

    def launch(self) -> None:
        self.client = self.screen.rdesktop(self.server, self.user, self.password, self.slot)

    def corner(self) -> str:
        x, y = self.screen.place(self.slot)
        return f"{x + 30},{y + 30}"

    def connect(self) -> float:
        """Seconds from the connection's first packet to the desktop on the client's screen."""
        with ConnectClock(self.server.port) as clock:
            watcher = self.screen.watch("colour", MARKER, self.corner())
            self.launch()
            seen = self.screen.watched(watcher, LOGON_LIMIT, f"desktop of {self.server.name}")
            return (int(seen[0].split()[1]) - clock.read()) / 1e9

    def disconnect(self) -> None:
        """The client goes without a word, as one that lost its network; the session stays."""
        if self.client:
            self.client.kill()
            self.client.wait()
            assert self.client.stdin
            self.client.stdin.close()
            self.client = None
            self.screen.wait_dark(self.slot)

    def program(self) -> list[str]:
        """Process, display and authority file of the session's program."""
        path = self.server.box.sessions / self.user
        processes.wait_until(LOGON_LIMIT, f"session of {self.user} on {self.server.name}", path.exists)
        return (path.read_text().rstrip("\n") + "  ").split(" ")

    def run(self, *command: str) -> subprocess.Popen[str]:
        """A program on the session's display, as its user; it is no part of the server's processes."""
        _, display, authority, *_ = self.program()
        authority = authority or os.path.expanduser(f"~{self.user}/.Xauthority")
        return subprocess.Popen(
            ["setpriv", "--reuid", self.user, "--regid", self.user, "--init-groups", *command],
            env={"PATH": os.environ["PATH"], "DISPLAY": display, "XAUTHORITY": authority},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def end(self) -> None:
        path = self.server.box.sessions / self.user
        if path.exists():
            os.kill(int(self.program()[0]), 15)
            path.unlink()
        what = f"end of the session of {self.user} on {self.server.name}"
        processes.wait_until(20, what, lambda: not processes.processes_of(self.user))

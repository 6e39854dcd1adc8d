"""What is measured: each function takes one round of its measures on one server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import processes
from clients import HEIGHT, LOGON_LIMIT, WIDTH, ConnectClock, Screen, Session
from servers import MARKER, Server
from stats import Measure, Unmeasured, percentile

KEYS = 30
TAG = (1272, 712)
SQUARE = (640, 360)
LOADS = {
    "scroll": "text, 30 lines a second",
    "drag": "window dragged, 30 moves a second",
    "noise": "noisy video 640x360, 25 a second",
    "smooth": "smooth video 640x360, 25 a second",
}

Values = dict[Measure, float]


@dataclass(frozen=True)
class Bench:
    """What all measures share."""

    screen: Screen
    users: list[str]
    password: str
    seconds: float

    def session(self, server: Server, number: int = 0) -> Session:
        return Session(self.screen, server, self.users[number], self.password, number)


@dataclass(frozen=True)
class Group:
    """Measures that one round gives together, and the function that takes it."""

    name: str
    measures: tuple[Measure, ...]
    take: Callable[[Bench, Server], list[float]]


def logon_screen(bench: Bench, server: Server) -> list[float]:
    with ConnectClock(server.port) as clock:
        watcher = bench.screen.watch("picture", WIDTH, HEIGHT // 2)
        client = bench.screen.rdesktop(server, "", "", 0)
        try:
            seen = bench.screen.watched(watcher, LOGON_LIMIT, f"logon screen of {server.name}")
            return [(int(seen[0]) - clock.read()) / 1e6]
        finally:
            client.kill()
            client.wait()
            bench.screen.wait_dark(0)


def logon_screen_probed(bench: Bench, server: Server) -> list[float]:
    probe = subprocess.run(
        [str(server.box.root / "ours/usr/bin/tsprobe"), "--json", "--size", f"{WIDTH}x{HEIGHT}", server.address],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode != 0:
        raise Unmeasured(f"tsprobe exited with {probe.returncode}: {probe.stdout.strip() or probe.stderr.strip()}")
    return [json.loads(probe.stdout)["times"]["picture_us"] / 1e3]


def logon(bench: Bench, server: Server) -> list[float]:
    with bench.session(server) as session:
        fresh = session.connect()
        session.disconnect()
        processes.settle(server.roots)
        return [fresh, session.connect()]


def ten_at_once(bench: Bench, server: Server) -> list[float]:
    with ExitStack() as stack, ConnectClock(server.port) as clock:
        sessions = [stack.enter_context(bench.session(server, number)) for number in range(10)]
        watcher = bench.screen.watch("colour", MARKER, *(session.corner() for session in sessions))
        for session in sessions:
            session.launch()
        seen = bench.screen.watched(watcher, LOGON_LIMIT, f"ten desktops of {server.name}")
        return [(max(int(line.split()[1]) for line in seen) - clock.read()) / 1e9]


def memory(bench: Bench, server: Server) -> list[float]:
    """Of one further session: a fourth of what five need more than one."""

    def taken() -> float:
        processes.settle(server.roots)
        return processes.pss_mib(server.roots)

    with ExitStack() as stack:
        sessions = [stack.enter_context(bench.session(server, number)) for number in range(5)]
        sessions[0].connect()
        one_connected = taken()
        sessions[0].disconnect()
        one_disconnected = taken()
        for session in sessions:
            session.connect()
        five_connected = taken()
        for session in sessions:
            session.disconnect()
        return [(five_connected - one_connected) / 4, (taken() - one_disconnected) / 4]


def keys(bench: Bench, server: Server) -> list[float]:
    with bench.session(server) as session:
        session.connect()
        processes.settle(server.roots)
        return key_times(bench.screen)


def key_times(screen: Screen) -> list[float]:
    """Median and 95th percentile, in milliseconds, of what is at the first place of the screen."""
    watcher = screen.watch("keys", KEYS, *SQUARE)
    times = [int(line) / 1e6 for line in screen.watched(watcher, 60, "answers to keys")]
    return [percentile(times, 50), percentile(times, 95)]


def key_floor(screen: Screen) -> list[float]:
    """The same without any server: the session's program right on the client's screen."""
    program = subprocess.Popen([screen.box.tool("desktop"), MARKER, str(screen.box.work)], env=screen.environment)
    try:
        screen.watched(screen.watch("colour", MARKER, "30,30"), 10, "local window")
        return key_times(screen)
    finally:
        program.kill()
        program.wait()
        screen.wait_dark(0)


def load(kind: str) -> Callable[[Bench, Server], list[float]]:
    def take(bench: Bench, server: Server) -> list[float]:
        with bench.session(server) as session:
            session.connect()
            processes.settle(server.roots)
            cpu, sent = processes.cpu_seconds(server.roots), processes.bytes_sent(server.port)
            watcher = bench.screen.watch("changes", bench.seconds + 0.5, *TAG)
            program = session.run(server.box.tool("load"), kind, str(bench.seconds))
            assert program.stdin and program.stdout
            drawn = int(program.stdout.readline() or "0")
            processes.settle(server.roots)
            cpu, sent = processes.cpu_seconds(server.roots) - cpu, processes.bytes_sent(server.port) - sent
            program.stdin.close()
            program.wait()
            shown = int(bench.screen.watched(watcher, 10, "pictures")[0])
            pace = 25 if kind in ("noise", "smooth") else 30
            if drawn < 0.9 * pace * bench.seconds:
                raise Unmeasured(f"only {drawn} pictures could be drawn: the machine or its X server is too busy")
            return [cpu, sent / 1e6, shown / bench.seconds]

    return take


def groups(seconds: float) -> list[Group]:
    found = [
        Group("logon-screen", (Measure("logon screen's first pixel, rdesktop", "ms"),), logon_screen),
        Group("logon-screen-probe", (Measure("logon screen's first pixel, tsprobe", "ms"),), logon_screen_probed),
        Group("logon", (Measure("fresh logon to desktop", "s"), Measure("reconnect to desktop", "s")), logon),
        Group("ten", (Measure("ten logons at once, last desktop", "s"),), ten_at_once),
        Group(
            "memory",
            (Measure("further session, connected", "MiB"), Measure("further session, disconnected", "MiB")),
            memory,
        ),
        Group("keys", (Measure("key to pixel, median", "ms"), Measure("key to pixel, 95th percentile", "ms")), keys),
    ]
    for kind, title in LOADS.items():
        measures = (
            Measure(f"{title}: server CPU", f"s in {seconds:g} s"),
            Measure(f"{title}: sent", "MB"),
            Measure(f"{title}: pictures shown", "1/s", more_is_better=True),
        )
        found.append(Group(kind, measures, load(kind)))
    return found

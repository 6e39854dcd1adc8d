"""What processes cost: their tree, processor time, memory, and the bytes that a server's sockets have sent.

Reads /proc of the box and asks ss(8). A process that ends while it is looked at counts as gone."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from stats import Unmeasured

TICK = os.sysconf("SC_CLK_TCK")


def wait_until(seconds: float, what: str, done: Callable[[], bool]) -> None:
    """Until `done`; gives the measure up after so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Unmeasured(f"{what}: not within {seconds:g} s")
        time.sleep(0.01)


def read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on: the name before may contain anything."""
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def tree(roots: list[int]) -> set[int]:
    """The processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for pid in all_pids():
        if fields := stat_fields(pid):
            children.setdefault(int(fields[1]), []).append(pid)
    found: set[int] = set()
    left = list(roots)
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children.get(pid, [])
    return found


def cpu_seconds(roots: list[int]) -> float:
    """Processor time of the tree, with that of the children that have ended and been waited for."""
    ticks = 0
    for pid in tree(roots):
        if fields := stat_fields(pid):
            ticks += sum(int(value) for value in fields[11:15])
    return ticks / TICK


def pss_mib(roots: list[int]) -> float:
    """Memory of the tree; what several processes share counts for each by its part."""
    kib = 0
    for pid in tree(roots):
        if match := re.search(r"^Pss:\s+(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.MULTILINE):
            kib += int(match[1])
    return kib / 1024


def processes_of(user: str) -> bool:
    """Whether the user has a process that is not just waiting to be buried."""
    found = subprocess.run(["ps", "-u", user, "-o", "stat="], capture_output=True, text=True, check=False)
    return any(not state.startswith("Z") for state in found.stdout.split())


def settle(roots: list[int]) -> None:
    """Until the tree has been quiet: at most one tick of processor time in each of four tenths of a second."""
    quiet = 0
    last = cpu_seconds(roots)
    end = time.monotonic() + 30
    while quiet < 4:
        if time.monotonic() > end:
            raise Unmeasured("the server does not come to rest within 30 s")
        time.sleep(0.1)
        now = cpu_seconds(roots)
        quiet = quiet + 1 if now - last <= 1.01 / TICK else 0
        last = now


def bytes_sent(port: int) -> int:
    """What the server has sent over all its open connections, TLS included, TCP and IP headers not."""
    listing = subprocess.run(
        ["ss", "-tinH", "state", "established", f"sport = :{port}"], capture_output=True, text=True, check=True
    ).stdout
    return sum(int(match) for match in re.findall(r"\bbytes_sent:(\d+)", listing))

"""make bench: this server beside Debian's xrdp, the same client, desktop, depth, certificate and programs. See README.

Runs in the box of run.sh. Prints a table, writes JSON lines to descriptor 3, and what it is doing to standard error.
Exit status 1 when something could not be measured: its line says so."""

from __future__ import annotations

import argparse
import datetime
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import measures
import processes
import stats
from clients import Screen
from servers import Box, Ours, Server, Xrdp


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    about = "Measures this server beside Debian's xrdp."
    parser = argparse.ArgumentParser(prog="bench/run.sh BUILD", description=about)
    names = [group.name for group in measures.groups(10)]
    parser.add_argument("--repeat", type=int, default=5, help="rounds of each measure (default 5)")
    parser.add_argument("--seconds", type=float, default=10, help="length of each load (default 10)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    return parser.parse_args()


def make_users(box: Box) -> tuple[list[str], str]:
    """Ten accounts in the box's own /etc."""
    password = secrets.token_hex(12)
    users = [f"tsbench{number}" for number in range(1, 11)]
    for user in users:
        home = box.root / "home" / user
        subprocess.run(["useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", user], check=True)
    lines = "".join(f"{user}:{password}\n" for user in users)
    subprocess.run(["chpasswd"], input=lines, text=True, check=True)
    return users, password


def machine(ours: Server) -> dict[str, object]:
    def output(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    model = re.search(r"^model name\s*: (.*)$", processes.read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+)", processes.read("/proc/meminfo"), re.MULTILINE)
    packages = ("xrdp", "xorgxrdp", "rdesktop", "xvfb")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": {
            "processors": os.cpu_count(),
            "model": model[1] if model else None,
            "memory_mib": int(memory[1]) // 1024 if memory else None,
            "kernel": os.uname().release,
            "load_average": list(os.getloadavg()),
        },
        "versions": {"ours": output(str(ours.box.root / "ours/usr/bin/tsctl"), "--version")}
        | {package: output("dpkg-query", "-W", "-f", "${Version}", package) for package in packages},
    }


Rows = list[tuple[stats.Measure, stats.Sample, stats.Sample]]


def measure(bench: measures.Bench, servers: list[Server], options: argparse.Namespace) -> Rows:
    """Round after round, the servers by turns, so that what else the machine does meets both."""
    rows: Rows = []
    for group in measures.groups(options.seconds):
        if group.name not in options.only:
            continue
        samples = {server.name: [stats.Sample() for _ in group.measures] for server in servers}
        for repetition in range(options.repeat):
            for server in servers if repetition % 2 == 0 else servers[::-1]:
                own = samples[server.name]
                if own[0].problem:
                    continue
                say(f"{group.name}, {server.name}, {repetition + 1} of {options.repeat}")
                try:
                    processes.settle(server.roots)
                    for sample, value in zip(own, group.take(bench, server), strict=True):
                        sample.values.append(value)
                except (stats.Unmeasured, OSError, subprocess.SubprocessError) as error:
                    say(f"not measured: {error}")
                    for sample in own:
                        sample.problem = str(error)
        rows += zip(group.measures, *(samples[server.name] for server in servers), strict=True)
    return rows


def main() -> int:
    options = arguments()
    box = Box(Path(os.environ["BENCH_BOX"]))
    box.prepare()
    users, password = make_users(box)
    ours, xrdp = Ours("ours", 3389, box), Xrdp("xrdp", 3390, box)
    screen = Screen(box)
    try:
        about = machine(ours)
        for server in (ours, xrdp):
            say(f"starting {server.name}")
            server.start()
        bench = measures.Bench(screen, users, password, options.seconds)
        for server in (ours, xrdp):
            say(f"warming {server.name}")
            measures.logon(bench, server)
        floor = measures.key_floor(screen)
        rows = measure(bench, [ours, xrdp], options)
    finally:
        for server in (ours, xrdp):
            server.stop()
        screen.stop()
    about["key_to_pixel_without_rdp_ms"] = {"median": floor[0], "p95": floor[1]}
    with os.fdopen(3, "w") as results:
        results.write(stats.json_lines(about, rows))
    print(stats.table(rows))
    print(
        f"\nMedian of {options.repeat} rounds (least-largest). A key needs {stats.number(floor[0])} ms "
        f"(95 %: {stats.number(floor[1])} ms) without any server."
    )
    return 1 if any(sample.median is None for _, *samples in rows for sample in samples) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stats.Unmeasured as problem:
        sys.exit(f"bench: nothing could be measured: {problem}")

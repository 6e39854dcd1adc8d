"""The two servers, started in the box with the same certificate and the same session program, otherwise as they come.

Each listens on its own port of the box's loopback. xrdp runs as Debian's units run it: xrdp-sesman as root, xrdp as
its own user; Debian's configuration files are changed in a few lines, in the box's copy."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import processes
from stats import Unmeasured

MARKER = "3366cc"


@dataclass
class Box:
    """The folder in memory that holds all files of a run; see run.sh."""

    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def certificate(self) -> Path:
        return self.work / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.work / "key.pem"

    @property
    def session_program(self) -> Path:
        return self.root / "bench" / "session"

    def tool(self, name: str) -> str:
        return str(self.root / "bench" / f"bench_{name}")

    def prepare(self) -> None:
        """What both servers need: a certificate as Debian's ssl-cert makes them, and the session program."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
            + ["-keyout", str(self.key), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
        )
        self.session_program.write_text(f"#!/bin/sh\nexec {self.tool('desktop')} {MARKER} {self.sessions}\n")
        self.session_program.chmod(0o755)


@dataclass
class Server:
    """A running server: its root processes are what all costs are counted from."""

    name: str
    port: int
    box: Box
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def roots(self) -> list[int]:
        return [process.pid for process in self.running]

    def spawn(self, *command: str) -> None:
        with open(self.box.work / f"{self.name}.log", "ab") as log:
            self.running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def listening(self) -> bool:
        for process in self.running:
            if process.poll() is not None:
                log = processes.read(str(self.box.work / f"{self.name}.log"))
                raise Unmeasured(f"{self.name} ended with {process.returncode} when it was started: {log[-800:]}")
        found = subprocess.run(["ss", "-tlnH", f"sport = :{self.port}"], capture_output=True, check=True)
        return bool(found.stdout.strip())

    def start(self) -> None:
        raise NotImplementedError

    def wait_ready(self) -> None:
        processes.wait_until(30, f"{self.name} listens", self.listening)
        processes.settle(self.roots)

    def stop(self) -> None:
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Ours(Server):
    """All roles under `tsctl up`, with system accounts."""

    def start(self) -> None:
        settings = {
            "listener.address": f'["{self.address}"]',
            "listener.certificate": str(self.box.certificate),
            "listener.private_key": str(self.box.key),
            "sessions.shell": str(self.box.session_program),
        }
        self.box.key.chmod(0o644)
        self.spawn(
            str(self.box.root / "ours/usr/bin/tsctl"),
            "up",
            "--json",
            *("--state", "/var/log/ts", "--runtime", "/run/ts"),
            *(word for name, value in settings.items() for word in ("--set", f"{name}={value}")),
        )
        self.wait_ready()


class Xrdp(Server):
    """Debian's xrdp with xorgxrdp; TLS as negotiated, the session type chosen without a question."""

    def start(self) -> None:
        replace(
            Path("/etc/xrdp/xrdp.ini"),
            {
                "port": f"tcp://{self.address}",
                "certificate": str(self.box.certificate),
                "key_file": str(self.box.key),
                "autorun": "Xorg",
                "EnableSyslog": "false",
            },
        )
        replace(
            Path("/etc/xrdp/sesman.ini"),
            {
                "EnableUserWindowManager": "false",
                "DefaultWindowManager": str(self.box.session_program),
                "EnableSyslog": "false",
            },
        )
        subprocess.run(["sh", "/usr/share/xrdp/socksetup"], check=True)
        Path("/var/log/xrdp.log").touch()
        subprocess.run(["chown", "xrdp", "/var/log/xrdp.log", str(self.box.key)], check=True)
        self.spawn("/usr/sbin/xrdp-sesman", "--nodaemon")
        self.spawn("setpriv", "--reuid", "xrdp", "--regid", "xrdp", "--init-groups", "/usr/sbin/xrdp", "--nodaemon")
        self.wait_ready()


def replace(path: Path, values: dict[str, str]) -> None:
    """Sets keys of an INI file, each in the first line that has it and is no comment."""
    text = path.read_text()
    for key, value in values.items():
        text, found = re.subn(rf"^{key}=.*$", lambda _, line=f"{key}={value}": line, text, count=1, flags=re.MULTILINE)
        if not found:
            raise Unmeasured(f"{path} has no key '{key}': is this another version of xrdp?")
    path.write_text(text)

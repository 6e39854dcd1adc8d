"""Which of these processes have a text in their memory, as UTF-8 or as UTF-16: "PID NAME" lines.

    holding.py TEXT PID...

Pictures (memory files called framebuffer) are left out: they are large, and text there is pixels."""
import sys

text = sys.argv[1]
patterns = [text.encode(), text.encode("utf-16-le")]
for pid in sys.argv[2:]:
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
            for line in maps:
                fields = line.split()
                if not fields[1].startswith("rw") or "framebuffer" in line or "[vvar" in line:
                    continue
                begin, end = (int(at, 16) for at in fields[0].split("-"))
                if end - begin >= 1 << 28:
                    continue  # a sanitizer's notes on the memory, terabytes that are not there
                memory.seek(begin)
                part = memory.read(end - begin)
                if any(pattern in part for pattern in patterns):
                    with open(f"/proc/{pid}/comm") as name:
                        print(pid, name.read().strip(), fields[-1] if len(fields) > 5 else "")
                    break
    except (OSError, ValueError):
        pass  # it has gone

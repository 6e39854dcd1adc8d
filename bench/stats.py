"""The pure part: what repetitions amount to, and how the results are written. No measuring, no I/O."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field


class Unmeasured(Exception):
    """A measure could not be taken; its text says why and becomes the measure's line."""


@dataclass(frozen=True)
class Measure:
    """One line of the table: what it is called and its unit. Less is better, unless `more_is_better`."""

    name: str
    unit: str
    more_is_better: bool = False


@dataclass
class Sample:
    """All values of one measure on one server, or why there are none."""

    values: list[float] = field(default_factory=list)
    problem: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values and not self.problem else None

    def text(self) -> str:
        """Median and, in parentheses, least and largest value."""
        if self.median is None:
            return "not measured"
        return f"{number(self.median)} ({number(min(self.values))}-{number(max(self.values))})"

    def as_json(self) -> dict[str, object]:
        if self.median is None:
            return {"problem": self.problem or "no values"}
        return {"median": self.median, "min": min(self.values), "max": max(self.values), "values": self.values}


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0:
        return "0"
    digits = 2
    for limit in (10, 100):
        if abs(value) >= limit:
            digits -= 1
    if abs(value) < 1:
        digits = 3
    return f"{value:.{digits}f}"


def percentile(values: list[float], percent: float) -> float:
    """The least value that so many percent are not above (nearest rank)."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def ratio(ours: Sample, theirs: Sample) -> float | None:
    """Ours divided by theirs; none where one is missing or theirs is nothing."""
    if ours.median is None or not theirs.median:
        return None
    return ours.median / theirs.median


def table(rows: list[tuple[Measure, Sample, Sample]]) -> str:
    """The results for people, columns aligned; what is missing is explained below."""
    lines = [["Measure", "ours", "xrdp", "ours/xrdp", "unit"]]
    problems = []
    for measure, ours, theirs in rows:
        quotient = ratio(ours, theirs)
        unit = measure.unit + (", more is better" if measure.more_is_better else "")
        lines.append([measure.name, ours.text(), theirs.text(), "-" if quotient is None else f"{quotient:.2f}", unit])
        for server, sample in (("ours", ours), ("xrdp", theirs)):
            if sample.median is None:
                problems.append(f"{measure.name}, {server}: {sample.problem or 'no values'}")
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    if problems:
        text += ["", "Not measured:"] + [f"  {problem}" for problem in problems]
    return "\n".join(text)


def json_lines(machine: dict[str, object], rows: list[tuple[Measure, Sample, Sample]]) -> str:
    """The results for programs: a line about the machine, then one for each measure."""
    lines = [json.dumps(machine)]
    for measure, ours, theirs in rows:
        quotient = ratio(ours, theirs)
        lines.append(
            json.dumps(
                {
                    "measure": measure.name,
                    "unit": measure.unit,
                    "more_is_better": measure.more_is_better,
                    "ours": ours.as_json(),
                    "xrdp": theirs.as_json(),
                    "ratio": quotient,
                }
            )
        )
    return "\n".join(lines) + "\n"

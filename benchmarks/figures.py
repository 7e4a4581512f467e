"""What every benchmark prints: one JSON record a figure, with its bar and whether it holds."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure. `bar` says in words what is asked of it; `holds` is None where nothing is."""

    name: str
    value: float
    unit: str
    bar: str = ""
    holds: bool | None = None


def at_least(name: str, value: float, unit: str, bar: float) -> Figure:
    """A figure that must not be below its bar."""
    return Figure(name=name, value=round(value, 3), unit=unit, bar=f">= {bar:g}", holds=value >= bar)


def at_most(name: str, value: float, unit: str, bar: float) -> Figure:
    """A figure that must not be above its bar."""
    return Figure(name=name, value=round(value, 3), unit=unit, bar=f"<= {bar:g}", holds=value <= bar)


def plain(name: str, value: float, unit: str) -> Figure:
    """A figure without a bar."""
    return Figure(name=name, value=round(value, 3), unit=unit)


def flags(about: str) -> argparse.ArgumentParser:
    """The flags every benchmark knows."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds")
    parser.add_argument("--json", type=Path, help="also write the records to this file")
    return parser


def show(figure: Figure) -> Figure:
    """Print a figure as soon as it is known."""
    print(json.dumps(asdict(figure)), flush=True)
    return figure


def finish(figures: Sequence[Figure], file: Path | None) -> None:
    """Write the records where asked, and leave with 1 where a bar does not hold."""
    if file:
        file.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if any(figure.holds is False for figure in figures) else 0)

"""A sensor listener killed 20 times at a real Mosquitto: messages lost, counted twice, and gaps that are told.

uv run python benchmarks/sensor_kills.py [--quick] [--json FILE]. Needs mosquitto.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from killed_listener import outcome

from figures import Figure, at_least, at_most, finish, flags, plain, show

RATE = 500  # messages a second


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = kills(Path(folder), 5 if asked.quick else 20)
    with tempfile.TemporaryDirectory() as folder:
        figures += forgotten(Path(folder))
    finish(figures, asked.json)


def kills(folder: Path, n: int) -> list[Figure]:
    """Killed n times while a sensor publishes; the broker goes on."""
    found = outcome(folder, kills=n, rate=RATE)
    name = f"listener killed {n} times at {RATE} messages/s"
    return [
        show(plain(f"{name}: messages the broker acknowledged", found.published, "messages")),
        show(plain(f"{name}: sent again and known", found.again, "messages")),
        show(at_most(f"{name}: lost", max(found.published - found.counted, 0), "messages", 0)),
        show(at_most(f"{name}: counted twice", max(found.counted - found.published, 0), "messages", 0)),
        show(at_most(f"{name}: gaps told though nothing was lost", len(found.lost), "gaps", 0)),
    ]


def forgotten(folder: Path) -> list[Figure]:
    """Then the broker is killed, too, with what it held."""
    found = outcome(folder, kills=3, rate=RATE, broker_kills=1)
    missing = max(found.published - found.counted, 0)
    told = [(datetime.fromisoformat(str(e["since"])), datetime.fromisoformat(str(e["until"]))) for e in found.lost]
    return [
        show(at_most("broker killed with what it held: lost", missing / RATE, "s of messages", 10)),
        show(at_least("broker killed with what it held: gaps told", len(told), "gaps", 1)),
        show(plain("broker killed with what it held: gap", sum((b - a).total_seconds() for a, b in told), "s")),
    ]


if __name__ == "__main__":
    main()

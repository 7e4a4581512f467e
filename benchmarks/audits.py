"""Both audits beside their peers, one after the other: fairlearn and aequitas, then pyeer and bob.measure.

uv run python benchmarks/audits.py [--quick] [--json FILE]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure, finish, flags


def main() -> None:
    """Run each audit's benchmark in a process of its own, so that neither counts the other's memory."""
    given = flags(str(__doc__).splitlines()[0]).parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("audits_risk", "audits_faces"):
            records = Path(folder) / f"{name}.json"
            command = [sys.executable, str(Path(__file__).with_name(f"{name}.py")), "--json", str(records)]
            subprocess.run([*command, *(["--quick"] if given.quick else [])], check=False)
            figures += [Figure(**record) for record in json.loads(records.read_text(encoding="utf-8"))]
    finish(figures, given.json)


if __name__ == "__main__":
    main()

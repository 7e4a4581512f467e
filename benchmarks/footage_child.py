"""One recording the whole way, file to file: propose, review, redact. `benchmarks/footage.py` times it by itself."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path

from peelian.technologies.footage.measure.detector import face_detector
from peelian.technologies.footage.measure.plan import Span, as_bytes, reviewed
from peelian.technologies.footage.proposal.search import Looking, proposed
from peelian.technologies.footage.redaction.redacting import redacted

QUIET = (1.0, 2.0)  # seconds that the plan silences


def main(source: Path, folder: Path) -> None:
    """Write `plan.json` and `redacted.mp4` into the folder."""
    with source.open("rb") as file, (folder / "redacted.mp4").open("wb") as out:
        item = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        plan = proposed(file, Looking(detector=face_detector()), item=item).plan
        spans = (Span(start=int(1000 * QUIET[0]), end=int(1000 * QUIET[1])),)
        plan = reviewed(dataclasses.replace(plan, sound=spans), by="0" * 20, at="2026-01-01T00:00:00Z")
        (folder / "plan.json").write_bytes(as_bytes(plan))
        file.seek(0)
        redacted(file, out, plan, item=item)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

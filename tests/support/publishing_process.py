"""A program of an office that publishes one decided case: python publishing_process.py OFFICE CASE.

It says that it is ready, waits for a line, and takes half a second between comparing and recording, so that two of them
would compare with the same past if nothing kept them apart.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from own_keys import give_passphrases
from toy import COUNT, TOY, WELLS

from peelian.kernel import verbs
from peelian.kernel.model.documents import Decision
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import publication
from peelian.operations.office import open_office

HERE = dataclasses.replace(COUNT, id="toy.count", needs=())
KNOWN = (dataclasses.replace(TOY, capabilities=(HERE,), formats=lambda: (WELLS,)),)
TAKES = 0.5  # seconds


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(folder: str, case: str) -> None:
    give_passphrases()
    compared = publication.public_findings

    def slowly(*asked: Any) -> Any:
        began = time.monotonic()
        made = compared(*asked)
        time.sleep(TAKES)
        _say(f"compared {began:.3f} {time.monotonic():.3f}")
        return made

    with patch("peelian.operations.office.technologies", lambda: KNOWN), open_office(Path(folder)) as office:
        entries = office.kernel.stores.log.read(kinds=("DECIDED",))
        digest = next(str(entry["document"]) for _, entry in entries if entry["case"] == case)
        decision, board = archived(office.kernel, digest, Decision), office.operator("board")
        _say("ready")
        sys.stdin.readline()
        with patch.object(publication, "public_findings", slowly):
            _, public = verbs.publish(office.kernel, board, decision)
        _say(" ".join(map(str, ["published", *public.table("wells")["n"].tolist()])))


if __name__ == "__main__":
    main(*sys.argv[1:])

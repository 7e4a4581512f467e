"""A gateway in a process of its own, to be killed: python stream_process.py OFFICE CASE PORT FOLDER [WEBHOOK].

FOLDER has the certificates, and gets CAP messages in `cap` where alarms are told to a WEBHOOK, too.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

from changed import changed
from toy_watch import HIGH, TOY_WATCH

from peelian.integrations.mqtt import Broker
from peelian.operations.office import Office, open_office
from peelian.operations.watch_service import open_room
from streams import decode

PLAIN_WELLS = dataclasses.replace(TOY_WATCH, watches=(changed(HIGH, refill=None),))


def with_wells(office: Office) -> Office:
    """The office, with the toy watch among its technologies (its readings are kept for no window)."""
    kernel = dataclasses.replace(office.kernel, technologies=(*office.kernel.technologies, PLAIN_WELLS))
    return dataclasses.replace(office, kernel=kernel)


def main(folder: str, case: str, port: str, certificates: str, hook: str = "") -> None:
    files = Path(certificates)
    broker = Broker(
        host="localhost",
        port=int(port),
        authority=files / "ca.pem",
        certificate=files / "peelian-gateway.pem",
        key=files / "peelian-gateway.key",
    )
    told: dict[str, Any] = {"webhook": (hook, b"a secret of the test"), "cap_folder": files / "cap"} if hook else {}
    with (
        with_wells(open_office(Path(folder))) as office,
        open_room(office, cases=[case], broker=broker, decode=decode, most_per_second=1e6, **told) as room,
    ):
        assert room.intake is not None and room.intake.subscribed.wait(60)
        _say("up")
        standing = room.gateway.standings[0]
        while True:
            time.sleep(0.5)
            if standing.latest and not room.gateway.unsettled:  # how far all of it is worked off, and kept
                _say(f"{len(standing.latest)} {min(list(standing.latest.values())).isoformat()}")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A sensor listener in a process of its own, to be killed: python listener_process.py OFFICE PORT CERTIFICATES [stop].

It says how many messages its checkpoint holds, again and again. With `stop` it ends by itself once nothing more comes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from own_keys import give_passphrases

from peelian.integrations.mqtt import Broker
from peelian.operations.office import open_office
from peelian.operations.sensor_listener import listening

QUIET = 3.0  # seconds without a message, after which it stops where it was told to


def main(folder: str, port: str, certificates: str, how: str = "") -> None:
    give_passphrases()
    files = Path(certificates)
    broker = Broker(
        host="localhost",
        port=int(port),
        authority=files / "ca.pem",
        certificate=files / "peelian-gateway.pem",
        key=files / "peelian-gateway.key",
    )
    with (
        open_office(Path(folder)) as office,
        listening(office, office.operator("custodian"), broker, every=1.0, checkpoint=0.5) as heard,
    ):
        while not heard.connected:
            time.sleep(0.01)
        _say("0 0")
        before, since = 0, time.monotonic()
        while not (how == "stop" and time.monotonic() - since > QUIET):
            time.sleep(0.05)
            came = sum(heard.tally.values())
            if came != before:
                before, since = came, time.monotonic()
                _say(f"{heard.tally['taken']} {heard.tally['again']}")
    _say(f"ended {heard.tally['taken']} {heard.tally['again']} {heard.tally['refused']}")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A process that appends to a log from 16 threads until it is killed, and says what was acknowledged.

`python appender.py FOLDER ROUND`: each line on its standard output is an index and the digest that was
acknowledged for it.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from threading import Thread

from log_parts import OpenLog, entry, opened

WRITERS = 16
MOMENT = entry(0)["t"]


def write(log: OpenLog, start: int) -> None:
    """Append for ever; a line is written, in one piece, only after the log has acknowledged."""
    for number in count(start, WRITERS):
        one = entry(number, t=MOMENT, n=number)
        index = log.append(one)
        os.write(1, f"{index} {one['document']}\n".encode())


if __name__ == "__main__":
    log = opened(Path(sys.argv[1]))
    for worker in range(WRITERS):
        Thread(target=write, args=(log, int(sys.argv[2]) * 1_000_000 + worker), daemon=True).start()
    sys.stdin.read()  # the threads go on until the process is killed

"""Doors to other programs: the registrar's socket, counting workers, sensors' topics, alarms' receivers, SQL views."""

from __future__ import annotations

from peelian.kernel.model.doors import ANYBODY, PROGRAM, Door, Enters, Leaves, Suspended, doors

REGISTRAR: tuple[Door, ...] = (
    *doors(PROGRAM, Enters.NOTHING, Leaves.LOG, Suspended.GOES_ON, "checkpoint", "file", "files", "read", "receipt"),
    *doors(PROGRAM, Enters.NOTHING, Leaves.RECORDS, Suspended.GOES_ON, "hello", "name", "openings", "states"),
    *doors(PROGRAM, Enters.NOTHING, Leaves.RECORDS, Suspended.GOES_ON, "partitions"),
    *doors(PROGRAM, Enters.WORDS, Leaves.RECORDS, Suspended.GOES_ON, "token"),
    *doors(PROGRAM, Enters.WORDS, Leaves.NOTHING, Suspended.GOES_ON, "add", "destroy", "known", "put"),
    *doors(PROGRAM, Enters.WORDS, Leaves.SEALED, Suspended.GOES_ON, "get"),
    *doors(PROGRAM, Enters.WORDS, Leaves.SEALED, Suspended.STOPS, "hand_over", "unwrap"),
)
"""Every question that the registrar answers on its socket, beside the acts (`registrar_acts.QUESTIONS`)."""

WORKERS: tuple[Door, ...] = (
    *doors(PROGRAM, Enters.NOTHING, Leaves.OWN, Suspended.ANY, "public_key"),
    *doors(PROGRAM, Enters.WORDS, Leaves.SEALED, Suspended.STOPS, "asks_for"),
    *doors(PROGRAM, Enters.WORDS, Leaves.DATA, Suspended.STOPS, "counts_of"),
)
"""What a run calls in a counting worker (`counting_workers`)."""

TOPICS: tuple[Door, ...] = doors(PROGRAM, Enters.READINGS, Leaves.NOTHING, Suspended.STOPS, "PREFIX/+/#")
"""Topics that the office listens to. It sends to none."""

RECEIVERS: tuple[Door, ...] = doors(PROGRAM, Enters.NOTHING, Leaves.ALARMS, Suspended.GOES_ON, "CapFolder", "Webhook")
"""What tells other systems of the steps of alarms."""

VIEWS: tuple[Door, ...] = doors(
    ANYBODY, Enters.NOTHING, Leaves.RELEASED, Suspended.GOES_ON, "released_days", "released_windows"
)
"""Views of the database that other programs read."""

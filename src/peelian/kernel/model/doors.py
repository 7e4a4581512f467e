"""Doors: every way by which data can come in or leave, with what a suspension does to it. Tests walk them all.

A row stands for each address and method, command, public function, act, question and view. Its table lies beside what
it declares, and a door without a row fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum


class Enters(Enum):
    """What comes in by a door; the value says it in words."""

    NOTHING = "a choice among what is there"
    WORDS = "words, numbers and choices, each checked by its field"
    FILE = "a file, or rows, as somebody else made them"
    READINGS = "readings of sensors"
    PROOF = "what proves who somebody is"


class Leaves(Enum):
    """What leaves by a door; the value says it in words."""

    NOTHING = "that it was done, or why not"
    PROGRAM = "what the program says of itself, the same in every town"
    OWN = "what whoever asks sent, saved or may do"
    RELEASED = "what was published, and what a town says in public"
    LOG = "entries of the log, and proofs of them"
    RECORDS = "what is done in the office and by whom, and nothing that a case found"
    LOOK = "what a case found, on a page"
    FILE = "what a case found, as a report that is taken home"
    DATA = "what a case found, as a table, a map or data for a program"
    RECORDING = "pictures and sound of a recording, positions of boxes for its plan, or data under a warrant"
    LEVELS = "levels of sensors as they are now"
    ALARMS = "alarms, event plans and counts of people"
    SEALED = "what only the office’s own programs can read"


FOUND = frozenset({Leaves.LOOK, Leaves.FILE, Leaves.DATA})
"""What a case found. Before a decision a page shows it to those who ask, decide and oversee; a report is for whoever
may decide; data of it leave for nobody."""


class Suspended(Enum):
    """What is done at a door for a suspended technology; the value says it in words."""

    STOPS = "nothing"
    LOOKS = "board, privacy officer and auditor look"
    DECLINES = "a case is declined, and nothing else is decided"
    COURT = "one case that two people except with a court’s reference"
    GOES_ON = "the same as ever"
    ANY = "the same as ever: it belongs to no technology"


ANYBODY, PERSON, MACHINE, PROGRAM = "anybody", "a person", "the machine’s user", "the office’s own program"
"""Who comes in by a door, where that is no room of the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One door: who comes in by it, what they bring, what they take along, and what a suspension does to that.

    `name` is a method and address, a command, a function, an act. `why` says why neither comes in nor leaves anything.
    `reads`: which entry it leaves that somebody of the staff read there (`kernel/access/staff_reads.READS`).
    """

    name: str
    whom: str  # a room of the policy, or one of the words above
    enters: Enters
    leaves: Leaves
    suspended: Suspended
    why: str = ""
    reads: str = ""


def doors(
    whom: str, enters: Enters, leaves: Leaves, suspended: Suspended, /, *names: str, why: str = ""
) -> tuple[Door, ...]:
    """A row for each of the names.

    >>> [door.name for door in doors(ANYBODY, Enters.NOTHING, Leaves.LOG, Suspended.ANY, "GET /log", "GET /key")]
    ['GET /log', 'GET /key']
    """
    return tuple(
        Door(name=name, whom=whom, enters=enters, leaves=leaves, suspended=suspended, why=why) for name in names
    )


def reading(table: tuple[Door, ...], reads: Mapping[str, str]) -> tuple[Door, ...]:
    """The same rows, those of these names with the read that each leaves in the log.

    >>> reading(doors(PERSON, Enters.NOTHING, Leaves.RECORDS, Suspended.ANY, "people"), {"people": "people"})[0].reads
    'people'
    """
    return tuple(replace(door, reads=reads.get(door.name, "")) for door in table)
